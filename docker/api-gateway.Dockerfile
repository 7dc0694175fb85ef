# REST, WebSocket and the dashboard.
ARG BUILD_IMAGE=localhost/otedama/build
ARG RUNTIME_IMAGE=localhost/otedama/runtime

FROM ${BUILD_IMAGE} AS staged
RUN node tools/stage.mjs /opt/otedama api-gateway --user 10001 --base /rootfs

FROM ${RUNTIME_IMAGE}
COPY --from=staged /opt/otedama /opt/otedama
ENV OTEDAMA_API_ADDRESS=:8080 \
    NODE_COMPILE_CACHE=/opt/otedama/apps/api-gateway/dist/.compile-cache
EXPOSE 8080 9100
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/usr/local/bin/node", "/opt/otedama/healthcheck.cjs"]
ENTRYPOINT ["/usr/local/bin/node", "--no-warnings", "--single-threaded-gc", "--max-semi-space-size=4", "--heap-growing-percent=300", "/opt/otedama/apps/api-gateway/dist/api-gateway.cjs"]
CMD ["--config", "/etc/otedama/otedama.yaml", "--data-dir", "/var/lib/otedama"]
