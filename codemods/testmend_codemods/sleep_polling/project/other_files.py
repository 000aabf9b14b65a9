"""The names of files, none of Python's, that are read to see where a helper can live.

Beside the configuration of linters, formatters and pytest, and files with commands.
"""

BUILDS = ("CMakeLists.txt", "BUILD", "BUILD.bazel", "Makefile.am", "meson.build")
IMAGES = (
    *(f"Dockerfile{each}" for each in ("", ".test", ".tests", ".ci", ".dev")),
    *("docker-compose.yml", "docker-compose.yaml", "compose.yml"),
)
COVERAGE = (".coveragerc", "pyproject.toml", "setup.cfg", "tox.ini")
SORTING = (
    *("pyproject.toml", "setup.cfg", "tox.ini", ".isort.cfg", "ruff.toml"),
    *(".ruff.toml", ".pre-commit-config.yaml"),
)
HOOKS = ".pre-commit-config.yaml"
COMMANDS = ("Makefile", "justfile", "noxfile.py", "setup.cfg", "tox.ini")
MAKEFILES = ("Makefile", "Makefile.am")
PANTS = "pants.toml"
PANTS_BUILDS = ("BUILD", "BUILD.pants")
ROS = "package.xml"

SETTINGS = frozenset(
    {
        *BUILDS,
        *IMAGES,
        *COMMANDS,
        *COVERAGE,
        *SORTING,
        *MAKEFILES,
        *PANTS_BUILDS,
        HOOKS,
        PANTS,
        ROS,
    }
)
