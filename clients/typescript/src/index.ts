// A typed client of Tributary's API: documents for the common tasks, and what
// sends them. It has no dependencies when it runs.
export * from './client.js';
export * from './documents.js';
export { TributaryError } from './errors.js';
export { logIn } from './session.js';
