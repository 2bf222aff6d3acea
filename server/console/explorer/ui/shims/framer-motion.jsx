// Tabs without drag-and-drop: GraphiQL uses an animation library for nothing
// but the reordering of its tabs, which is a tenth of the bundle.
import { forwardRef } from 'react';

const Group = forwardRef(({ values, onReorder, axis, ...rest }, ref) => <ul ref={ref} {...rest} />);
const Item = forwardRef(({ value, ...rest }, ref) => <li ref={ref} {...rest} />);

export const Reorder = { Group, Item };
