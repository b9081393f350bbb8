#!/usr/bin/env python3
"""Runs what a configuration of an overlay store says about containers, in namespaces and with mounts as the real programs make them.

container.py run [OPTION...] IMAGE COMMAND...   the arguments of docker and podman; also when called by one of these names
container.py pod FILE COMMAND...                a Pod of Kubernetes: its init containers, then COMMAND in its container
container.py node COMMAND...                    COMMAND on a machine whose mounts are shared, as systemd leaves them

No daemon and no image: the root file system of a container is a tmpfs with this machine's programs, with CONTAINER_IMAGE (directories, separated
by colons) and with the bind mounts, and nothing else. Mounts propagate as they are told to, capabilities are dropped.
"""
import csv
import ctypes
import os
import subprocess
import sys
import tempfile

NEW_MOUNT_NAMESPACE = 0x20000
PROGRAMS = ["/usr", "/etc", "/proc", "/dev"]


def image():
    return list(filter(None, os.environ.get("CONTAINER_IMAGE", "").split(":")))


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def unshare():
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(NEW_MOUNT_NAMESPACE) != 0:
        sys.exit(f"unshare: {os.strerror(ctypes.get_errno())}")


def bind(source, target, read_only=False, propagation="rprivate"):
    if source is None:
        os.makedirs(target, exist_ok=True)
        mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", target)
        return
    if not os.path.isdir(source):
        sys.exit(f"bind source path does not exist: {source}")
    os.makedirs(target, exist_ok=True)
    mount("--rbind", source, target)
    if propagation != "rshared":
        mount(f"--make-{propagation}", target)
    if read_only:
        mount("-o", "remount,bind,ro", target)


def enter(root, binds):
    """Makes the root file system, and changes to it."""
    for directory in [*PROGRAMS, *image()]:
        bind(directory, root + directory, propagation="rslave")
    for link in ["bin", "sbin", "lib", "lib64"]:
        os.symlink(f"usr/{link}", f"{root}/{link}")
    os.makedirs(f"{root}/tmp", exist_ok=True)
    os.chmod(f"{root}/tmp", 0o1777)
    for one in sorted(binds, key=lambda one: one["target"]):
        bind(one["source"], root + one["target"], one["read_only"], one["propagation"])
    os.chroot(root)
    os.chdir("/")


def container(binds, environment, command, user=None, privileged=False, dropped="-sys_admin"):
    """Runs a command in a container; gives its exit code."""
    root = tempfile.mkdtemp(prefix="container-")
    os.chmod(root, 0o755)
    mount("-t", "tmpfs", "-o", "mode=755", "container", root)
    mount("--make-private", root)
    try:
        child = os.fork()
        if child == 0:
            try:
                unshare()
                enter(root, binds)
                programs = [f"{directory}/bin" for directory in image()] + ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
                variables = {"PATH": ":".join(programs), "HOME": "/", **environment}
                identity = ["--reuid", user[0], "--regid", user[1], "--clear-groups"] if user else []
                limits = [] if privileged else ["--bounding-set", dropped, "--no-new-privs"]
                os.execve("/usr/bin/setpriv", ["setpriv", *identity, *limits, "--", *command], variables)
            except BaseException as error:
                print(f"container: {error}", file=sys.stderr, flush=True)
                os._exit(125)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        subprocess.run(["umount", "-l", root], check=True)
        os.rmdir(root)


def parse_mount(text):
    fields = dict((field.split("=", 1) + ["true"])[:2] for field in next(csv.reader([text])))
    one = {
        "source": {"bind": lambda: fields.pop("source"), "tmpfs": lambda: None}[fields.pop("type")](),
        "target": fields.pop("target"),
        "read_only": fields.pop("readonly", "false") == "true",
        "propagation": fields.pop("bind-propagation", "rprivate"),
    }
    if fields:
        sys.exit(f"unknown fields of a mount: {fields}")
    return one


def run(arguments):
    if arguments.pop(0) != "run":
        sys.exit("only run")
    binds, environment, user = [], {}, None
    while arguments[0].startswith("--"):
        option = arguments.pop(0)
        if option in ("--rm", "--interactive"):
            continue
        value = arguments.pop(0)
        if option == "--mount":
            binds.append(parse_mount(value))
        elif option == "--env":
            name, text = value.split("=", 1)
            environment[name] = text
        elif option == "--user":
            user = value.split(":")
        elif option != "--security-opt":
            sys.exit(f"unknown option: {option}")
    return container(binds, environment, arguments[1:], user)


def pod(file, command):
    import yaml
    with open(file) as stream:
        manifest = yaml.safe_load(stream)
    assert (manifest["apiVersion"], manifest["kind"]) == ("v1", "Pod")
    spec = manifest["spec"]
    volumes = {volume["name"]: None if "emptyDir" in volume else volume["hostPath"]["path"] for volume in spec["volumes"]}
    propagations = {"None": "rprivate", "HostToContainer": "rslave", "Bidirectional": "rshared"}
    for one in [*spec["initContainers"], *spec["containers"]]:
        security = one["securityContext"]
        binds = [{
            "source": volumes[mounted["name"]],
            "target": mounted["mountPath"],
            "read_only": mounted.get("readOnly", False),
            "propagation": propagations[mounted.get("mountPropagation", "None")],
        } for mounted in one["volumeMounts"]]
        if any(mounted["propagation"] == "rshared" for mounted in binds) and not security["privileged"]:
            sys.exit("Bidirectional mount propagation is available only to privileged containers")
        user = (str(security["runAsUser"]), str(security.get("runAsGroup", 0))) if "runAsUser" in security else None
        code = container(
            binds,
            {variable["name"]: variable["value"] for variable in one.get("env", [])},
            one["command"] if one in spec["initContainers"] else command,
            user,
            security["privileged"],
            "-all" if "ALL" in security.get("capabilities", {}).get("drop", []) else "-sys_admin",
        )
        if code != 0:
            return code
    return 0


def node(command):
    unshare()
    mount("--make-rprivate", "/")
    mount("--make-rshared", "/")
    os.execvp(command[0], command)


if __name__ == "__main__":
    if os.path.basename(sys.argv[0]) in ("docker", "podman"):
        sys.exit(run(sys.argv[1:]))
    elif sys.argv[1] == "run":
        sys.exit(run(sys.argv[1:]))
    elif sys.argv[1] == "pod":
        sys.exit(pod(sys.argv[2], sys.argv[3:]))
    elif sys.argv[1] == "node":
        node(sys.argv[2:])
