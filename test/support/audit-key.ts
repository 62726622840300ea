/** Of all databases of a run, so that a chain that one process began is another's to go on with. */
export const AUDIT_KEY = 'an audit key for tests, and no clinic';
