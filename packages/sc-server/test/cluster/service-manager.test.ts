import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, requiredTool, startProcess, tempDir, waitFor } from 'sc-testkit';
import { controller, keepingLogger } from './support.js';
import { notifyServiceManager } from '../../src/cluster/health/service-manager.js';

const launcher = fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url));
const tools = [
  requiredTool('systemd-notify', { for: 'systemd units' }),
  requiredTool('perl', { for: 'systemd units' }),
];
const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** Node cannot open such a socket; perl, which Debian always has, prints each datagram as a line. */
const receiver = `use IO::Socket::UNIX; $| = 1;
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!; print "listening\\n";
  while (defined $socket->recv(my $text, 4096)) { $text =~ s/\\n/ /g; print "$text\\n"; }`;

(tools.includes(undefined) ? describe.skip : describe)('a cluster as a service of systemd', () => {
  it('says when it is ready and when it ends', async () => {
    const directory = cleanup.add(tempDir(), (created) => created.remove()).path;
    const socketPath = join(directory, 'notify');
    const manager = cleanup.add(spawn('perl', ['-e', receiver, socketPath]), (child) => child.kill('SIGKILL'));
    let heard = '';
    manager.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text));
    await waitFor(() => heard.includes('listening'), { what: 'the receiver' });
    const options = { workerController: controller('worker.cjs'), port: 0, workers: 1, stores: 1 };
    const started = await startProcess(launcher, {
      env: { CLUSTER_OPTIONS: JSON.stringify(options), NOTIFY_SOCKET: socketPath },
    });
    cleanup.add(started, (running) => running.stop());
    await waitFor(() => heard.includes('READY=1'), { what: 'READY=1' });
    expect(heard).not.toContain('STOPPING=1');
    started.kill('SIGTERM');
    expect(await started.exited).toEqual({ code: 0, signal: null });
    await waitFor(() => heard.includes('STOPPING=1'), { what: 'STOPPING=1' });
    expect(heard.match(/[A-Z_]+=1/g)?.filter((word) => word !== 'BARRIER=1')).toEqual(['READY=1', 'STOPPING=1']);
  });
});

describe('notifyServiceManager', () => {
  it('does nothing without systemd', async () => {
    const { logger, log } = keepingLogger();
    await notifyServiceManager('ready', logger, { PATH: '/nowhere' });
    expect(log).toEqual([]);
  });

  it('warns when it cannot say it', async () => {
    const { logger, log } = keepingLogger();
    await notifyServiceManager('ready', logger, { PATH: '/nowhere', NOTIFY_SOCKET: '/nowhere/notify' });
    expect(log).toEqual([
      {
        level: 'warn',
        message: 'Cannot notify systemd that the cluster is ready: spawn systemd-notify ENOENT',
        details: {},
      },
    ]);
  });
});
