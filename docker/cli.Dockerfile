# The otedama command: streams, keys, books and payouts of a fleet.
ARG BUILD_IMAGE=localhost/otedama/build
ARG RUNTIME_IMAGE=localhost/otedama/runtime

FROM ${BUILD_IMAGE} AS staged
RUN node tools/stage.mjs /opt/otedama cli --user 10001 --base /rootfs

FROM ${RUNTIME_IMAGE}
COPY --from=staged /opt/otedama /opt/otedama
ENV NODE_COMPILE_CACHE=/opt/otedama/apps/cli/dist/.compile-cache
ENTRYPOINT ["/usr/local/bin/node", "--no-warnings", "--single-threaded-gc", "--max-semi-space-size=4", "--heap-growing-percent=300", "/opt/otedama/apps/cli/dist/otedama.cjs"]
CMD ["help"]
