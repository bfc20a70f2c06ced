import { readFileSync } from 'node:fs';

export interface Vector {
  readonly dialect: 'v2' | 'v1' | 'v0' | 'b6';
  readonly name: string;
  readonly from: 'client' | 'server';
  readonly text: string;
  readonly frame: Readonly<Record<string, unknown>>;
  /** Another spelling of a frame that is encoded otherwise. */
  readonly parseOnly?: boolean;
  /** Says more than a parser keeps. */
  readonly encodeOnly?: boolean;
}

export interface InvalidVector {
  readonly name: string;
  readonly from: 'client' | 'server';
  readonly text: string;
  /** The invalid field that the error names. */
  readonly field: string;
  /** The call that has to be answered with the error. */
  readonly callId?: number;
}

export function readVectors<Kind>(name: string): Kind[] {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as Kind[];
}

export const allVectors = ['v2', 'v1', 'v0', 'b6'].flatMap((name) => readVectors<Vector>(name));
