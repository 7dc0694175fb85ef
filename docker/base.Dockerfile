# What all images have in common (docs/adr/0023): `build` makes every artefact once, `runtime` is what they run on.
# The three images below only build; nothing of them but five packages of Debian gets into an image that is run.
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim
ARG RUST_IMAGE=docker.io/library/rust:1.95-slim-bookworm
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${DEBIAN_IMAGE} AS rootfs
COPY docker/rootfs.sh /
RUN sh /rootfs.sh /rootfs

FROM ${NODE_IMAGE} AS npm

FROM ${RUST_IMAGE} AS build
# Any Node with npm installs the packages; the one that runs everything is among them, by the lockfile.
COPY --from=npm /usr/local/bin/node /usr/local/bin/node
COPY --from=npm /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
COPY . .
RUN sh tools/build.sh && cargo fetch --locked --manifest-path native/Cargo.toml
SHELL ["/bin/sh", "-euc"]
RUN export root=/src; . tools/node.sh; ln -f "$(readlink -f "${node:?}")" /usr/local/bin/node
COPY --from=rootfs /rootfs /rootfs

FROM scratch AS runtime
COPY --from=rootfs /rootfs /
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY docker/healthcheck.cjs /opt/otedama/healthcheck.cjs
# They win over the file: the ports of an image are part of what it promises.
ENV OTEDAMA_MONITORING_METRICS_ADDRESS=:9100 \
    OTEDAMA_MONITORING_HEALTH_ADDRESS=:9100
USER 10001:10001
WORKDIR /var/lib/otedama
