import base from '../../jest.config.base.mjs';

// Most of the time a test waits for the processes of others.
export default { ...base, maxWorkers: 2 };
