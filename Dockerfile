# syntax=docker/dockerfile:1

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
COPY schema ./schema
COPY loaders ./loaders
RUN npm run build && npm prune --omit=dev

FROM node:24-slim
# In a container the loopback reaches nobody; in production there are no demo tokens, no landing page, no introspection.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE ./
RUN chmod +x dist/src/cli/pricelane.js && ln -s /app/dist/src/cli/pricelane.js /usr/local/bin/pricelane
USER node
EXPOSE 4000
# The slim image has no curl; Node itself asks.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node is process 1 and handles SIGTERM itself: it drains.
CMD ["node", "dist/src/main.js"]
