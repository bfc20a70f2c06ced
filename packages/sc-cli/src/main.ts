#!/usr/bin/env node
import { runCli } from './run-cli.js';
import { processTerminal } from './terminal.js';

// Set the exit code instead of calling `process.exit`, so that piped output is flushed.
process.exitCode = await runCli(process.argv.slice(2), processTerminal());
