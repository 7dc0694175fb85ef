# Coin daemons: templates in, verdicts and blocks out. Its volume holds the spool of found blocks.
ARG BUILD_IMAGE=localhost/otedama/build
ARG RUNTIME_IMAGE=localhost/otedama/runtime

FROM ${BUILD_IMAGE} AS staged
RUN node tools/stage.mjs /opt/otedama share-validator --user 10001 --base /rootfs

FROM ${RUNTIME_IMAGE}
COPY --from=staged /opt/otedama /opt/otedama
ENV NODE_COMPILE_CACHE=/opt/otedama/apps/share-validator/dist/.compile-cache
EXPOSE 9100
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/usr/local/bin/node", "/opt/otedama/healthcheck.cjs"]
ENTRYPOINT ["/usr/local/bin/node", "--no-warnings", "--single-threaded-gc", "--max-semi-space-size=4", "--heap-growing-percent=300", "/opt/otedama/apps/share-validator/dist/share-validator.cjs"]
CMD ["--config", "/etc/otedama/otedama.yaml", "--data-dir", "/var/lib/otedama"]
