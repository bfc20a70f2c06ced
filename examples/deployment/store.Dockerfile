# syntax=docker/dockerfile:1
# A store that the hosts share: docker build -t myapp-store -f store.Dockerfile .
FROM node:24-slim AS dependencies
WORKDIR /store
RUN npm install --ignore-scripts --omit=dev ndata-store

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /store
COPY --from=dependencies /store/node_modules ./node_modules
# The folder of the data belongs to the user of the store; a new volume takes its owner.
RUN install --directory --owner=node --group=node --mode=0700 /data
USER node
VOLUME /data
EXPOSE 9435
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9436/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The secret and the certificate are mounted: docker run -v /etc/myapp:/run/secrets/store:ro …
CMD ["node", "node_modules/ndata-store/dist/bin.js", "--host", "0.0.0.0", "--port", "9435", \
  "--secret-file", "/run/secrets/store/secret", "--tls-cert", "/run/secrets/store/cert.pem", \
  "--tls-key", "/run/secrets/store/key.pem", "--channels", "/run/secrets/store/channels.json", \
  "--persist", "/data/store", "--health-port", "9436", "--health-host", "0.0.0.0"]
