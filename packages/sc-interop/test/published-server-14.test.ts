import { describePublishedServer } from '../src/published-server-list.js';

describePublishedServer('14');
