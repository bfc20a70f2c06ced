/** Configuration parameters of both proxies. */
export interface ProxyConfig {
  readonly directory: string;
  readonly port: number;
  /** Unix socket of the server behind the proxy. */
  readonly socketPath: string;
  readonly keyFile: string;
  readonly certificateFile: string;
  /** Certificate and key in one file. */
  readonly bundleFile: string;
}

/** One nginx worker, configured as its documentation recommends for WebSockets. */
export function nginxConfig({ directory, port, socketPath, keyFile, certificateFile }: ProxyConfig): string {
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${directory}.pid;
error_log stderr crit;
events { worker_connections 19000; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}.${name};`).join('\n  ')}
  upstream server_behind { server unix:${socketPath}; }
  server {
    listen 127.0.0.1:${port} ssl backlog=4096;
    ssl_certificate ${certificateFile};
    ssl_certificate_key ${keyFile};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:SSL:10m;
    location / {
      proxy_pass http://server_behind;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_read_timeout 1h;
      proxy_send_timeout 1h;
    }
  }
}
`;
}

/** One HAProxy thread in TCP mode: relays bytes without parsing HTTP, like our balancers. */
export function haproxyConfig({ port, socketPath, bundleFile }: ProxyConfig): string {
  return `
global
  nbthread 1
  maxconn 9000
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend public
  bind 127.0.0.1:${port} ssl crt ${bundleFile} backlog 4096
  default_backend server_behind
backend server_behind
  server one unix@${socketPath}
`;
}
