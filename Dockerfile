# One image for the gate, the recorder and the command line: `docker run disclosure-ledger disclosures --help`.

# Builds the environment; compilers and caches stay behind in this stage.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/disclosures
COPY requirements.lock ./
RUN /opt/disclosures/bin/pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas ./schemas
COPY producers ./producers
COPY consumers ./consumers
COPY ledger ./ledger
RUN /opt/disclosures/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/disclosures/bin/pip install --no-deps /wheels/*.whl

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 disclosures \
 && useradd --uid 10001 --gid disclosures --no-create-home --home-dir /var/lib/disclosures disclosures \
 && install --directory --owner disclosures --group disclosures --mode 0700 /var/lib/disclosures /var/lib/disclosures/ledger \
      /var/lib/disclosures/gate
COPY --from=build /opt/disclosures /opt/disclosures
ENV PATH=/opt/disclosures/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DISCLOSURE_LEDGER_DIR=/var/lib/disclosures/ledger
USER disclosures
WORKDIR /var/lib/disclosures
CMD ["disclosures", "--help"]
