import { channelOptionChecks } from 'sc-channel';
import type { OptionChecks } from '../options.js';
import { checkOptions } from './check-options.js';

/** Refuses wrong options in words. Left out of what pages load in production: there it would only cost bytes. */
export const checks: OptionChecks = { connect: checkOptions, channels: channelOptionChecks };
