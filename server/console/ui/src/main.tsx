// The console: one page for staff and affiliates of a merchant.
import { render } from 'preact';
import { App } from './App';
import { applyTheme } from './settings';
import 'uplot/dist/uPlot.min.css';
import './style.css';

applyTheme();
render(<App />, document.getElementById('console')!);
