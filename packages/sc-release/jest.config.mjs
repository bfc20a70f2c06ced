import base from '../../jest.config.base.mjs';

// The packages are packed once, before all tests.
export default { ...base, globalSetup: './test/pack-all.mjs', maxWorkers: 1 };
