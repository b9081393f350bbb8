using System.Globalization;
using NixStore.Engine.Maintenance;

namespace NixStore.Engine.Overlay.Configuration;

/// <summary>A Pod: a privileged init container mounts the overlay, an unprivileged container uses it.</summary>
internal sealed class KubernetesConfiguration : IOverlayConfiguration
{
    // The image of the init container: the official one of Nix has no mount(8).
    private const string MountImage = OverlayDeployment.DefaultImage;

    /// <inheritdoc/>
    public IReadOnlyList<string> Write(OverlayDeployment deployment)
    {
        var places = MachinePlaces.Of(deployment);
        var view = ContainerView.Of(places);
        var layers = new ContainerMount("layers", CommonDirectory(places), CommonDirectory(places));
        var parent = Path.GetDirectoryName(places.MountPoint)!;
        var above = new ContainerMount(view.Mounts.FirstOrDefault(mount => mount.Source == parent)?.Name ?? "merged-above", parent, parent);
        var lower = new ContainerMount("lower-store", places.Store.LowerDirectory, places.Store.LowerDirectory, IsReadOnly: true);
        ContainerMount[] state = deployment.UserId is null || MachinePlaces.IsWithin(places.StateDirectory, parent) ? []
            : [new ContainerMount("state", places.StateDirectory, places.StateDirectory)];
        ContainerMount[] initial = [layers, .. state, lower];
        var volumes = initial.Append(above).Concat(view.Mounts).DistinctBy(mount => mount.Name);
        return
        [
            $$"""
            {{Explanation.Comment(
                [
                    .. view.Explain(places, deployment.UserId),
                    "mountPropagation: Bidirectional hands what the init container mounts to the node, HostToContainer hands it on. It stays mounted when the Pod has gone,",
                    "and the next Pod finds it mounted; on one node, two Pods that name the same directories share one overlay store.",
                    "Volumes: the layers must be on the node's own disk. For a lower store in a claim, say persistentVolumeClaim (readOnly) where it says hostPath.",
                    "Nix itself comes from the lower store or from the image, there outside of /nix.",
                ])}}apiVersion: v1
            kind: Pod
            metadata:
              name: nix-overlay
            spec:
              initContainers:
                - name: mount-overlay
                  image: {{QuotedText.Write(MountImage)}}
                  command:
                    - /bin/sh
                    - -euc
                    - |
            {{string.Concat(MountCommands.Of(places, deployment.UserId).Select(line => $"          {line}\n"))
                }}      securityContext:
                    privileged: true
                    runAsUser: 0
                  volumeMounts:
            {{string.Concat(initial.Select(mount => VolumeMount(mount)))}}{{VolumeMount(above, "Bidirectional")
                }}  containers:
                - name: workload
                  image: {{QuotedText.Write(deployment.Image)}}
                  command: ["sleep", "infinity"] # what you want to run
                  env:
            {{string.Concat(view.Environment(deployment.UserId).Select(Variable))
                }}      securityContext:
                    privileged: false
                    allowPrivilegeEscalation: false
                    capabilities:
                      drop: ["ALL"]
            {{User(deployment.UserId)}}      volumeMounts:
            {{string.Concat(view.Mounts.Select(mount => VolumeMount(mount, mount.FollowsMounts ? "HostToContainer" : null)))
                }}  volumes:
            {{string.Concat(volumes.Select(Volume))}}
            """,
        ];
    }

    /// <summary>The kernel wants the upper layer and the work directory in one mount, and each volume is a mount of its own.</summary>
    private static string CommonDirectory(MachinePlaces places)
    {
        var directory = Path.GetDirectoryName(places.Store.UpperLayer)!;
        while (!MachinePlaces.IsWithin(places.WorkDirectory, directory))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        return directory.Length > 1 ? directory : throw Inexpressible.Because(
            $"The upper layer '{places.Store.UpperLayer}' and the work directory '{places.WorkDirectory}' have no directory above both that could be a volume.",
            places.Store.UpperLayer, "Make the store with both below one directory.");
    }

    private static string User(int? userId) => userId is null ? "" : string.Create(CultureInfo.InvariantCulture,
        $"        runAsUser: {userId}\n        runAsGroup: {userId}\n        runAsNonRoot: {(userId == 0 ? "false" : "true")}\n");

    private static string Variable((string Name, string Value) variable) => $"""
                - name: {variable.Name}
                  value: {(variable.Value.Contains('\n') ? "|-" + string.Concat(variable.Value.Split('\n').Select(line => $"\n            {line}")) : QuotedText.Write(variable.Value))}

        """;

    private static string VolumeMount(ContainerMount mount, string? propagation = null) => $"""
                - name: {mount.Name}
                  mountPath: {QuotedText.Write(mount.Target)}
        {(mount.IsReadOnly ? "          readOnly: true\n" : "")}{(propagation is null ? "" : $"          mountPropagation: {propagation}\n")}
        """;

    private static string Volume(ContainerMount mount) => $"""
            - name: {mount.Name}
        {(mount.Source is null ? "      emptyDir: {}" : $"      hostPath:\n        path: {QuotedText.Write(mount.Source)}\n        type: Directory")}

        """;
}
