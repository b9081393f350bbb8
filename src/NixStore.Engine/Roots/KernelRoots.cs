using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Roots;

/// <summary>Programs that the kernel starts itself, by the settings below /proc/sys/kernel (Nix libstore/local-gc.cc:findRuntimeRootsUnchecked).</summary>
internal static class KernelRoots
{
    private static readonly string[] s_settings = ["modprobe", "fbsplash", "poweroff_cmd"];

    internal static void Find(StoreLocation store, Func<string, bool> isRegistered, List<StoreRoot> roots)
    {
        var paths = new StorePathText(store);
        Span<byte> buffer = stackalloc byte[4096];
        foreach (var setting in s_settings)
        {
            var link = $"/proc/sys/kernel/{setting}";
            using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(link), OpenFlags.ReadOnly, 0, out _);
            var length = file is null ? 0 : Math.Max(Posix.TryRead(file, buffer, out _), 0);
            var text = buffer[..length].TrimEnd("\n\0"u8);
            if (paths.Parse(text) is { } path && isRegistered(path))
            {
                roots.Add(new StoreRoot
                {
                    Store = store.Url,
                    Kind = StoreRootKind.Runtime,
                    Origin = StoreRootOrigin.Kernel,
                    State = StoreRootState.Active,
                    Path = path,
                    Link = link,
                    Target = ByteName.ToDisplay(text),
                });
            }
        }
    }
}
