// Dialogs without a scroll lock: the page never scrolls, and the lock works by
// writing <style> elements, which the content security policy refuses.
import { forwardRef } from 'react';

export const RemoveScroll = forwardRef(
  ({ as: Element = 'div', allowPinchZoom, shards, ...rest }, ref) => <Element ref={ref} {...rest} />,
);
