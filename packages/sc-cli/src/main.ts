#!/usr/bin/env node
import { runCli } from './run-cli.js';
import { processTerminal } from './terminal.js';

// The exit code is set rather than forced, so that piped output is written to its end.
process.exitCode = await runCli(process.argv.slice(2), processTerminal());
