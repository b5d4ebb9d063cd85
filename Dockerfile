# The program alone: docker run --rm -v "$PWD:/project:ro" IMAGE
FROM rust:1-slim AS build
WORKDIR /src
COPY . .
# Named, so that only the program is linked statically, and not what the build itself runs.
RUN host=$(rustc -vV | sed -n 's/^host: //p') \
    && RUSTFLAGS='-C target-feature=+crt-static' cargo build --release --locked --target "$host" \
    && cp "target/$host/release/upbeat" /upbeat

FROM scratch
COPY --from=build /upbeat /upbeat
WORKDIR /project
ENTRYPOINT ["/upbeat"]
