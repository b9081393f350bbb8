using NixStore.Engine.Maintenance;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>Whether this process may have a namespace of its own with an overlay in it, and if not, which of the two is refused and by what.</summary>
internal static class NamespaceProbe
{
    /// <summary>Of util-linux, or BusyBox's.</summary>
    internal const string Program = "unshare";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>The arguments of unshare before the command.</summary>
    /// <param name="isUser">True for a user namespace in which the user is root.</param>
    internal static IReadOnlyList<string> Flags(bool isUser) => isUser ? ["-U", "-r", "-m", "--propagation", "private"] : ["-m", "--propagation", "private"];

    /// <summary>Enters such a namespace and leaves it.</summary>
    /// <exception cref="NixStoreException">ProgramNotFound, UserNamespaceRefused, MountNamespaceRefused</exception>
    internal static void EnsurePossible(bool isUser)
    {
        var run = Try([.. Flags(isUser), "/bin/sh", "-c", "exit 0"]);
        if (run.ExitCode == 0)
        {
            return;
        }

        throw isUser
            ? new NixStoreException("UserNamespaceRefused", StoreErrorKind.PermissionDenied,
                $"The kernel refuses a user namespace to this process: {WhyNoUserNamespace() ?? run.Errors.Trim()}.", Program,
                "Be root, or have it allowed; what would come after it, the overlay inside of it, was not tried.")
            : new NixStoreException("MountNamespaceRefused", StoreErrorKind.PermissionDenied,
                $"The kernel refuses a mount namespace to this process: {run.Errors.Trim()}.", Program, "In a container, give it the capability SYS_ADMIN.");
    }

    /// <summary>What goes wrong when a namespace is made ready; null when nothing does.</summary>
    internal static NixStoreException? Explain(IReadOnlyList<string> arguments, StoreLocation store, bool isUser)
    {
        var run = Try(arguments);
        return run.ExitCode == 0 ? null : new NixStoreException("OverlayRefused", StoreErrorKind.PermissionDenied,
            $"There is a {(isUser ? "user" : "mount")} namespace, but the kernel refuses the overlay at '{store.RealDirectory}' in it: "
            + $"{WhyNoOverlay(isUser) ?? string.Join("; ", run.Errors.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))}.",
            store.RealDirectory,
            isUser ? "The upper layer and the work directory must be this user's, on a file system that keeps attributes user.*; or install fuse-overlayfs, or be root."
                : "The kernel's log says why (dmesg | grep overlayfs).");
    }

    /// <summary>What the settings say that people turn user namespaces off with.</summary>
    private static string? WhyNoUserNamespace()
        => IsSet("/proc/sys/kernel/unprivileged_userns_clone", "0") ? "kernel.unprivileged_userns_clone is 0"
            : IsSet("/proc/sys/user/max_user_namespaces", "0") ? "user.max_user_namespaces is 0"
            : IsSet("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1") ? "kernel.apparmor_restrict_unprivileged_userns is 1, and no AppArmor profile allows it to unshare"
            : IsSet("/proc/sys/user/max_mnt_namespaces", "0") ? "user.max_mnt_namespaces is 0"
            : ProcessStatus.IsFiltered ? "a seccomp filter, such as a container's, does not let it through"
            : null;

    private static string? WhyNoOverlay(bool isUser)
    {
        var oldest = new Version(5, 11);
        var types = ProcessStatus.TryReadText("/proc/filesystems");
        return types?.Contains("\toverlay", StringComparison.Ordinal) == false ? "it has no overlayfs (modprobe overlay)"
            : isUser && Environment.OSVersion.Version < oldest ? $"in user namespaces it has overlayfs from Linux {oldest} on, and this is {Environment.OSVersion.Version}"
            : null;
    }

    private static bool IsSet(string path, string value) => ProcessStatus.TryReadText(path)?.Trim() == value;

    private static ProgramRun Try(IReadOnlyList<string> arguments) => ProgramRun.Try(Program, arguments, s_patience)
        ?? throw new NixStoreException("ProgramNotFound", StoreErrorKind.NotFound, $"There is no program {Program}, or it does not end.", Program,
            "Install util-linux.");
}
