# One image, every role: `docker run signalbox worker`.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-progress
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY scripts/start.mjs scripts/build_console.ts ./scripts/
# What is optional for others is in the image: stores in S3, core databases, PDFs, the board.
RUN npm run --silent build && npm prune --omit=dev \
 && npm install --no-save --omit=dev $(node -p "const p = require('./package.json'); Object.keys(p.peerDependenciesMeta).map((name) => name + '@' + p.devDependencies[name]).join(' ')")

FROM node:20-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 SIGNALBOX_STATUS_PORT=3000
# Room for what is young: a busy role spends a tenth less on the collection of garbage. An idle one does not take it.
ENV NODE_OPTIONS=--max-semi-space-size=32
WORKDIR /app
# The version that every job tells: docker build --build-arg VERSION=1.2.3
ARG VERSION=""
ENV DOCKER_IMAGE_TAG=$VERSION
# What processes of a role call: docker build --build-arg PACKAGES="ffmpeg pocketsphinx pocketsphinx-en-us" for transcribe
ARG PACKAGES=""
RUN [ -z "$PACKAGES" ] || { apt-get update && apt-get install -y --no-install-recommends $PACKAGES && rm -rf /var/lib/apt/lists/*; }
RUN mkdir -p var && chown node:node var && ln -s /app/dist/main.js /usr/local/bin/signalbox
COPY package.json LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build --chmod=755 /app/dist ./dist
COPY config ./config
COPY data ./data
COPY lookups ./lookups
COPY examples ./examples
USER node
VOLUME /app/var
EXPOSE 3000
# Every role answers /ready on the same port: api as part of its service, worker and results as their status.
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node as process 1 gets SIGTERM and hands back what it runs.
STOPSIGNAL SIGTERM
ENTRYPOINT ["signalbox"]
CMD ["start"]
