# Tributary in one static binary on an image that holds nothing else.
#
#   docker build -t tributary .
#   docker run -p 8080:8080 -v tributary:/data tributary
#
# The volume holds database, stream and keys: back it up (docs/operations.md).
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/tributary ./cmd/tributary \
    && mkdir /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/tributary /tributary
COPY --from=build --chown=nonroot:nonroot /out/data /data
ENV TRIBUTARY_ADDR=0.0.0.0:8080 TRIBUTARY_DATA_DIR=/data
EXPOSE 8080
VOLUME /data
USER nonroot
ENTRYPOINT ["/tributary"]
CMD ["serve"]
