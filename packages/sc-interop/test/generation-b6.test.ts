import { describeSharedList } from '../src/shared-list.js';
import { clients } from '../src/versions.js';

for (const facts of clients) if (facts.generation === 'B6') describeSharedList(facts);
