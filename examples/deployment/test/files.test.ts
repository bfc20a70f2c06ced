import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createCleanup, requiredTool, runProcess, tempDir } from 'sc-testkit';
import { parseAllDocuments } from 'yaml';
import { path } from './support.js';

const cleanup = createCleanup();
afterAll(() => cleanup.run());
const read = (name: string) => readFileSync(path(name), 'utf8');

describe('Dockerfile', () => {
  const instructions = read('Dockerfile')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, word = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      return { word, rest: rest.trim() };
    });
  const all = (word: string) => instructions.filter((one) => one.word === word).map(({ rest }) => rest);

  it('has only instructions that Docker knows', () => {
    const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'EXPOSE', 'HEALTHCHECK', 'CMD'];
    expect(instructions.filter(({ word }) => !known.includes(word))).toEqual([]);
  });

  it('has two stages, and the last one is not root', () => {
    const stages = all('FROM');
    expect(stages).toHaveLength(2);
    expect(stages.every((stage) => /^node:24-slim( AS \w+)?$/.test(stage))).toBe(true);
    const last = instructions.map(({ word }) => word).lastIndexOf('FROM');
    expect(instructions.slice(last).find(({ word }) => word === 'USER')?.rest).toBe('node');
    expect(all('RUN').every((command) => command.includes('--ignore-scripts'))).toBe(true);
  });

  it('runs the app and asks for its health with programs that the image has', () => {
    expect(JSON.parse(all('CMD')[0] ?? '')).toEqual(['node', 'server.js']);
    const [, command = ''] = /CMD (\[.*\])$/.exec(all('HEALTHCHECK')[0] ?? '') ?? [];
    const [program, flag, script = ''] = JSON.parse(command) as string[];
    expect([program, flag]).toEqual(['node', '-e']);
    // No process listens on that port, which simulates an unhealthy app.
    const elsewhere = script.replace(':9000', ':1');
    expect(() => execFileSync(process.execPath, ['-e', elsewhere], { stdio: 'ignore' })).toThrow();
    expect(all('ENV').join(' ')).toContain('SC_HEALTH_PORT=9000');
  });

  it('copies no secrets', () => {
    expect(read('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['.env*', '*.pem', 'node_modules']));
  });
});

const systemd = requiredTool('systemd-analyze', { for: 'the unit of systemd' });
(systemd === undefined ? describe.skip : describe)('myapp.service', () => {
  it('is a unit that systemd takes', async () => {
    const directory = cleanup.add(tempDir(), (created) => created.remove()).path;
    // Node is elsewhere on this machine, and so is the working directory.
    const unit = read('myapp.service').replace('/usr/bin/node', process.execPath).replace('/srv/myapp', directory);
    const file = join(directory, 'myapp.service');
    writeFileSync(file, unit);
    const result = await runProcess('verify', { program: systemd ?? '', args: ['--man=no', file] });
    const complaints = `${result.stdout}${result.stderr}`.split('\n').filter((line) => line.includes('myapp'));
    expect({ code: result.code, complaints }).toEqual({ code: 0, complaints: [] });
  });
});

describe('kubernetes/app.yaml', () => {
  interface Container {
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly readinessProbe: { readonly httpGet: unknown };
    readonly livenessProbe: { readonly httpGet: unknown };
    readonly securityContext: unknown;
  }
  interface Pods {
    readonly metadata: { readonly labels: object };
    readonly spec: {
      readonly containers: readonly [Container];
      readonly securityContext: { readonly runAsNonRoot: boolean };
    };
  }
  interface Deployment {
    readonly spec: { readonly selector: { readonly matchLabels: object }; readonly template: Pods };
  }
  interface Manifest {
    readonly kind: string;
    readonly spec: Readonly<Record<string, unknown>>;
  }
  const documents = parseAllDocuments(read('kubernetes/app.yaml'));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  // The test below checks that the first document is the Deployment.
  const deployment = documents[0]?.toJS() as Deployment;
  const [container] = deployment.spec.template.spec.containers;

  it('parses without a warning, and has what it takes', () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(manifests.map(({ kind }) => kind)).toEqual([
      'Deployment',
      'Service',
      'PodDisruptionBudget',
      'NetworkPolicy',
    ]);
  });

  it('asks the health port, which the app opens to the kubelet', () => {
    const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
    const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]));
    expect(env).toMatchObject({ PORT: '8000', SC_HEALTH_PORT: '9000', SC_HEALTH_HOST: '0.0.0.0' });
    expect(ports).toEqual({ http: 8000, health: 9000 });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'health' });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'health' });
  });

  it('runs as nobody special, and selects the pods that it makes', () => {
    expect(deployment.spec.template.spec.securityContext.runAsNonRoot).toBe(true);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const { labels } = deployment.spec.template.metadata;
    expect(deployment.spec.selector.matchLabels).toEqual(labels);
    expect(manifests[1]?.spec['selector']).toEqual(labels);
  });
});
