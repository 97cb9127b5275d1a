# Groundswell in a container. The database lives in /data: mount a volume there.
#
#   docker build -t groundswell .
#   docker run --rm -it -v groundswell:/data --env-file .env groundswell run
#
# CI has no container engine; .ci/docker_steps.py takes these very steps natively.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app

# What changes seldom comes first, so that a change of code does not install everything anew.
COPY requirements/run.txt requirements/run.txt
RUN python -m venv .venv
RUN .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements/run.txt

COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
# Compiled where it is installed; beside that, these folders would be found first, and are not.
RUN .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . && rm -r bot handlers
# The whole job on the sample community: the weights load, and a database opens.
RUN .venv/bin/groundswell demo < /dev/null > /dev/null

ENV GROUNDSWELL_DATABASE=sqlite:////data/groundswell.db
RUN mkdir -p /data && chown 10001:10001 /data
VOLUME /data
USER 10001:10001

HEALTHCHECK --interval=5m --timeout=30s CMD [".venv/bin/groundswell", "status"]
ENTRYPOINT ["/app/.venv/bin/groundswell"]
CMD ["run"]
