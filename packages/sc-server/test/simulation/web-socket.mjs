// The WebSocket of a simulated page: RFC 6455 on a connection of the simulated network.

/** Creates the global `WebSocket` of a simulation. `choosePort` is the balancer: it returns the port of a worker. */
export function createWebSocketClass(network, scheduler, choosePort) {
  return class SimulatedWebSocket {
    binaryType = '';
    readyState = 0;
    onopen = null;
    onmessage = null;
    onerror = null;
    onclose = null;
    #socket;
    #received = Buffer.alloc(0);
    #hasHead = false;
    #code = 1006;
    #reason = '';

    constructor(_url, protocols = []) {
      const port = choosePort();
      this.#socket = network.connect(port, {}, () => {
        const lines = [
          'GET /socketcluster/ HTTP/1.1',
          'Host: simulated',
          'Upgrade: websocket',
          'Connection: Upgrade',
          `Sec-WebSocket-Key: ${Buffer.alloc(16, port).toString('base64')}`,
          'Sec-WebSocket-Version: 13',
          ...(protocols.length > 0 ? [`Sec-WebSocket-Protocol: ${protocols.join(', ')}`] : []),
        ];
        this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      });
      this.#socket.on('data', (chunk) => this.#read(chunk));
      this.#socket.on('error', () => undefined);
      this.#socket.on('close', () => this.#closed());
    }

    get bufferedAmount() {
      return this.#socket.writableLength;
    }

    send(message) {
      if (this.readyState !== 1) return;
      if (typeof message === 'string') this.#write(1, Buffer.from(message));
      else this.#write(2, Buffer.from(message));
    }

    close(code = 1000, reason = '') {
      if (this.readyState >= 2) return;
      this.#code = code;
      this.#reason = reason;
      if (this.readyState === 1) this.#sayClose(code);
      this.readyState = 2;
      // As pages do, when the answer does not come.
      scheduler.schedule(3000, () => this.#socket.destroy());
      if (!this.#hasHead) this.#socket.destroy();
    }

    #sayClose(code) {
      const bytes = Buffer.alloc(2);
      bytes.writeUInt16BE(code);
      this.#write(8, bytes);
    }

    #closed() {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.onclose?.({ code: this.#code, reason: this.#reason });
    }

    #read(chunk) {
      this.#received = Buffer.concat([this.#received, chunk]);
      if (!this.#hasHead) {
        const end = this.#received.indexOf('\r\n\r\n');
        if (end < 0) return;
        const isAccepted = this.#received.toString('latin1', 0, 12) === 'HTTP/1.1 101';
        this.#received = this.#received.subarray(end + 4);
        if (!isAccepted) {
          this.#socket.destroy();
          return;
        }
        this.#hasHead = true;
        this.readyState = 1;
        this.onopen?.();
      }
      while (this.#takeFrame());
    }

    #takeFrame() {
      const bytes = this.#received;
      if (bytes.length < 2 || this.readyState === 3) return false;
      const short = bytes[1] & 127;
      const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < headBytes) return false;
      const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      if (bytes.length < headBytes + length) return false;
      const content = bytes.subarray(headBytes, headBytes + length);
      this.#received = bytes.subarray(headBytes + length);
      const opcode = bytes[0] & 15;
      if (opcode === 1) this.#deliver(content.toString());
      else if (opcode === 2) this.#deliver(Uint8Array.from(content).buffer);
      else if (opcode === 9) this.#write(10, content);
      else if (opcode === 8) this.#answerClose(content);
      return true;
    }

    #deliver(data) {
      if (this.readyState === 1) this.onmessage?.({ data });
    }

    #answerClose(content) {
      if (content.length >= 2) {
        this.#code = content.readUInt16BE(0);
        this.#reason = content.toString('utf8', 2);
      } else this.#code = 1005;
      if (this.readyState === 1) this.#sayClose(this.#code === 1005 ? 1000 : this.#code);
      this.readyState = 2;
      this.#socket.end();
    }

    /** The mask is zero: it protects proxies, and there are none. */
    #write(opcode, content) {
      const { length } = content;
      const head = Buffer.alloc(length < 126 ? 6 : length < 65_536 ? 8 : 14);
      head[0] = 128 | opcode;
      head[1] = 128 | (length < 126 ? length : length < 65_536 ? 126 : 127);
      if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
      else if (length >= 126) head.writeUInt16BE(length, 2);
      this.#socket.write(Buffer.concat([head, content]));
    }
  };
}
