using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using NixStore.Engine.Native;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>
/// A mount namespace of one thread's own, in which a test can mount what it likes; nobody else sees it, and it goes with the thread.
/// </summary>
public sealed unsafe class MountNamespace
{
    private const int NewNamespace = 0x20000;
    private const nuint ReadOnly = 1, Remount = 32, NoAccessTime = 1024, Bind = 4096, Recursive = 16384, Private = 1 << 18;

    private MountNamespace()
    {
    }

    /// <summary>Runs a test's body on a thread with a mount namespace of its own; skips where that is not permitted.</summary>
    public static void Run(Action<MountNamespace> body)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Skip.If(Libc.Unshare(NewNamespace) < 0, "NOT PERMITTED: unshare(CLONE_NEWNS); run the tests as root to prove read-only media");
                var space = new MountNamespace();
                space.Mount("none", "/", null, Recursive | Private);
                body(space);
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Makes a directory read-only for this thread, as a read-only medium or bind mount is.</summary>
    public void MakeReadOnly(string directory)
    {
        Mount(directory, directory, null, Bind);
        Mount("none", directory, null, Remount | Bind | ReadOnly);
    }

    /// <summary>Keeps no access times of what this thread reads below a directory.</summary>
    public void KeepNoAccessTimes(string directory)
    {
        Mount(directory, directory, null, Bind);
        Mount("none", directory, null, Remount | Bind | NoAccessTime);
    }

    /// <summary>Mounts a tmpfs.</summary>
    public void MountMemory(string directory, string options) => Mount("tmpfs", directory, "tmpfs", 0, options);

    private void Mount(string source, string target, string? type, nuint flags, string? options = null)
    {
        fixed (byte* from = ByteName.From(source), to = ByteName.From(target), kind = type is null ? null : ByteName.From(type),
            data = options is null ? null : ByteName.From(options))
        {
            Skip.If(Libc.Mount(from, to, kind, flags, data) < 0, $"NOT PERMITTED: mount {target}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }
}
