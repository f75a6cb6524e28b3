"""Works on a Proxmox VE with proxmoxer as its documentation shows it, and prints what it was told as one JSON object."""

import json
import os
import sys
import time

from proxmoxer import ProxmoxAPI, ResourceException

settings = json.load(sys.stdin)
told = {}


def connect(**credentials):
    return ProxmoxAPI(settings["host"], port=settings["port"], verify_ssl=settings["ca"], **credentials)


def wait(node, upid):
    for _ in range(100):
        status = proxmox.nodes(node).tasks(upid).status.get()
        if status["status"] == "stopped":
            return status["exitstatus"]
        time.sleep(0.02)
    raise TimeoutError(upid)


def refusal(call):
    try:
        call()
    except ResourceException as error:
        return {"status": error.status_code, "reason": error.content, "errors": error.errors}
    return None


user, token = settings["token"].split("!")
name, secret = token.split("=")
by_password = connect(user=settings["username"], password=settings["password"])
told["version"] = by_password.version.get()["version"]
proxmox = connect(user=user, token_name=name, token_value=secret)
told["nodes"] = sorted(node["node"] for node in proxmox.nodes.get())

node = proxmox.nodes("pve-01")
template = node.storage("local").content.get(content="vztmpl")[0]["volid"]
told["create"] = wait(
    "pve-01",
    node.lxc.create(vmid=101, hostname="web", ostemplate=template, storage="local-zfs", memory=512, net0="name=eth0,bridge=vmbr0,ip=10.20.0.9/24"),
)
container = node.lxc(101)
container.config.put(memory=1024, description="made by proxmoxer")
told["config"] = {key: container.config.get()[key] for key in ("hostname", "memory", "description")}
told["start"] = wait("pve-01", container.status.start.post())
told["status"] = container.status.current.get()["status"]
told["snapshot"] = wait("pve-01", container.snapshot.post(snapname="before"))
told["snapshots"] = sorted(snapshot["name"] for snapshot in container.snapshot.get())
told["running"] = refusal(lambda: container.delete())
told["twice"] = refusal(lambda: node.lxc.create(vmid=101, ostemplate=template))
told["wrong"] = refusal(lambda: container.config.put(memory=1))

told["machine"] = wait("pve-01", node.qemu.create(vmid=200, name="vm", memory=2048, scsi0="local-zfs:8", net0="virtio,bridge=vmbr0"))
told["machine config"] = {key: node.qemu(200).config.get()[key] for key in ("name", "scsi0")}
told["machine gone"] = wait("pve-01", node.qemu(200).delete())

proxmox.storage.create(storage="nas", type="nfs", server="10.10.0.5", export="/volume1/pve", content="backup,iso")
proxmox.storage("nas").put(content="backup")
told["storage"] = proxmox.storage("nas").get()["content"]
with open(settings["upload"], "rb") as file:
    told["upload"] = wait("pve-01", node.storage("local").upload.create(content="iso", filename=file))
told["isos"] = [volume["volid"] for volume in node.storage("local").content.get(content="iso")]

proxmox.cluster.backup.create(id="nightly", all=1, schedule="02:30", storage="nas")
proxmox.cluster.backup("nightly").put(comment="every night")
told["job"] = proxmox.cluster.backup("nightly").get()["comment"]
told["backup"] = wait("pve-01", node.vzdump.post(vmid=101, storage="nas", compress="zstd"))
told["backups"] = len(node.storage("nas").content.get(content="backup", vmid=101))

proxmox.access.users.create(userid="ops@pve", password="correct horse")
proxmox.access.acl.put(path="/vms/101", users="ops@pve", roles="PVEVMUser")
operator = connect(user="ops@pve", password="correct horse")
told["operator sees"] = [guest["vmid"] for guest in operator.cluster.resources.get(type="vm")]
told["operator may not"] = refusal(lambda: operator.nodes("pve-01").lxc(101).config.put(memory=64))
proxmox.access.users("ops@pve").delete()

proxmox.cluster.backup("nightly").delete()
wait("pve-01", container.status.stop.post())
told["destroy"] = wait("pve-01", container.delete(purge=1))
proxmox.storage("nas").delete()
told["left"] = [guest["vmid"] for guest in proxmox.cluster.resources.get(type="vm")]
json.dump(told, sys.stdout)
