# One image, three commands: web (gunicorn), worker, migrate. By default it runs web and worker together, as on a laptop.
#   docker build -t inkloop .                     everything
#   docker build -t inkloop-web --target web .    web processes alone: no TensorFlow
#   docker build -t inkloop-ray --target ray .    workers that train on a Ray cluster, and the nodes of that cluster
# Options, in any of them: --build-arg EXTRAS="telemetry parquet" installs requirements-telemetry.txt and requirements-parquet.txt.
FROM python:3.11-slim-bookworm AS packages-web
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements-web.txt /build/
RUN pip install -r /build/requirements-web.txt
ARG EXTRAS=""
COPY requirements-parquet.txt requirements-telemetry.txt /build/
RUN for extra in ${EXTRAS}; do pip install -r "/build/requirements-${extra}.txt" || exit 1; done

FROM packages-web AS packages
COPY requirements.txt /build/
RUN pip install -r /build/requirements.txt

FROM packages AS packages-ray
COPY requirements-ray.txt /build/
RUN pip install -r /build/requirements-ray.txt

FROM python:3.11-slim-bookworm AS app
# Nobody's folder but /data is written, so the root file system may be read-only. Matplotlib and Python look for a home.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/tmp/matplotlib \
    INKLOOP_HOME=/data INKLOOP_HOST=0.0.0.0 PORT=8000
# 1000 is also the user of a Hugging Face Space.
RUN useradd --uid 1000 --create-home inkloop && install -d -o inkloop -g inkloop /data
WORKDIR /app
COPY main.py ./
COPY deploy/gunicorn.py deploy/
COPY functions functions/
COPY migrations migrations/
COPY models models/
COPY static static/
COPY templates templates/
# Nothing can be compiled later: each start would do it anew.
RUN python -m compileall -q main.py deploy functions migrations
USER 1000:1000
VOLUME /data
EXPOSE 8000
# A worker has no port: its containers turn this check off.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]

FROM app AS web
COPY --from=packages-web /opt/venv /opt/venv
CMD ["gunicorn", "--config", "deploy/gunicorn.py", "main:app"]

FROM app AS ray
# A node's processes start in other folders.
ENV PYTHONPATH=/app
COPY --from=packages-ray /opt/venv /opt/venv
CMD ["python", "-m", "functions.worker"]

FROM app AS platform
COPY --from=packages /opt/venv /opt/venv
CMD ["python", "main.py"]
