using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Mending;

/// <summary>Makes the remount hook executable.</summary>
/// <param name="file">The program.</param>
internal sealed class AllowRemountHook(string file) : OverlayMend(
    OverlayRepairAction.AllowRemountHook, file, $"make the remount hook '{file}' executable")
{
    private const int ReadAndExecute = 0b101_101_101;

    /// <inheritdoc/>
    internal override void Apply(MendedOverlay store, CancellationToken cancellation)
    {
        using var program = Posix.Open(Path, OpenFlags.ReadOnly | OpenFlags.NonBlocking);
        Posix.Fchmod(program, Posix.Status(program).Mode | ReadAndExecute);
    }
}
