# A full node on a private chain whose coins are worth nothing: for trying the pool, see compose.yaml. It lives as long
# as its standard input is open.
ARG BUILD_IMAGE=localhost/otedama/build
ARG RUNTIME_IMAGE=localhost/otedama/runtime

FROM ${BUILD_IMAGE} AS staged
RUN node tools/stage.mjs /opt/otedama playground --base /rootfs

FROM ${RUNTIME_IMAGE}
COPY --from=staged /opt/otedama /opt/otedama
EXPOSE 18443
ENTRYPOINT ["/usr/local/bin/node", "--no-warnings", "/opt/otedama/apps/playground/src/main.ts", "--data-dir", "/var/lib/otedama", "--rpc-host", "0.0.0.0", "--rpc-port", "18443"]
