# A grader with the course in it: what `prodev grade --isolation docker` starts, and a worker for `--engine celery`.
# From the top of the repository:
#
#   docker build --file src/prodev/cohort/grader.Dockerfile --tag prodev-grader .

ARG PYTHON=python:3.13-slim-trixie

FROM ${PYTHON} AS installed
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv --without-pip /opt/prodev/venv
WORKDIR /build
COPY pyproject.toml constraints.txt ./
# What is needed changes seldom, so it has a layer of its own.
RUN python -c 'import tomllib; \
project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
print(*project["dependencies"], *project["optional-dependencies"]["celery"], sep="\n")' > needed.txt \
 && python -m pip --python /opt/prodev/venv/bin/python install --constraint constraints.txt --requirement needed.txt
COPY LICENSE README.md ./
COPY src src
RUN python -m pip --python /opt/prodev/venv/bin/python install --no-deps .

FROM ${PYTHON}
# What exercises run.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends curl git jq \
 && rm -rf /var/lib/apt/lists/*
# A hundred users who own nothing: the kernel counts processes by user, so graders side by side need one each.
RUN for number in $(seq 61000 61099); do \
      echo "grader$number:x:$number:$number::/tmp:/usr/sbin/nologin" >> /etc/passwd; \
      echo "grader$number:x:$number:" >> /etc/group; \
    done
COPY --from=installed /opt/prodev/venv /opt/prodev/venv
COPY exercises /opt/prodev/course/exercises
COPY modules /opt/prodev/course/modules
COPY solutions /opt/prodev/course/solutions
# Everything that is written goes to /tmp, so that the rest can be read-only.
ENV PATH=/opt/prodev/venv/bin:$PATH \
    PRODEV_COURSE=/opt/prodev/course \
    PRODEV_ALONE=1 \
    HOME=/tmp \
    XDG_CACHE_HOME=/tmp/cache \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /tmp
USER 61000:61000
CMD ["prodev", "--help"]
