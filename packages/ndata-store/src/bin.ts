#!/usr/bin/env node
import { main } from './bin/main.js';

void main(process.argv.slice(2));
