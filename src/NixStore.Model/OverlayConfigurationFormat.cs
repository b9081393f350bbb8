namespace NixStore;

/// <summary>What a configuration of an overlay store is written for.</summary>
public enum OverlayConfigurationFormat
{
    /// <summary>Lines for nix.conf.</summary>
    NixConf,

    /// <summary>A module of a NixOS configuration: the mount and the features.</summary>
    NixOS,

    /// <summary>A shell script: this machine mounts the overlay, a container of Docker binds it.</summary>
    Docker,

    /// <summary>The same for Podman.</summary>
    Podman,

    /// <summary>A Pod whose privileged init container mounts the overlay for an unprivileged workload.</summary>
    Kubernetes,

    /// <summary>A mount unit of systemd.</summary>
    SystemdMount,

    /// <summary>A line of fstab(5).</summary>
    Fstab,

    /// <summary>Variables of the environment, for a shell to source.</summary>
    Environment,
}
