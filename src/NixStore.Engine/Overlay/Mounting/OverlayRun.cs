using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>
/// A process in a private mount namespace that has an overlay store, by unshare(1): only a process of one thread can enter a user namespace
/// (user_namespaces(7)).
/// </summary>
public sealed class OverlayRun
{
    /// <summary>The exit code when the namespace has not become what it should be; a command could have it as well.</summary>
    public const int NotReady = 125;

    private const string Nowhere = "/dev/null";
    private const string Label = "nixstore-overlay";

    // Mounted first and bound then: where mount is a program of the store in /nix/store, it cannot be found any more after that. The process of
    // fuse-overlayfs ends with the command, which takes the place of this shell.
    private const string Script = """
        fuse() {
            command -v fuse-overlayfs > /dev/null || return 1
            setpriv --pdeathsig TERM fuse-overlayfs -f -o "$2" "$1" &
            until mountpoint -q "$1"; do
                kill -0 $! 2> /dev/null || return 1
                sleep 0.02
            done
            NIX_REMOTE=$3
        }
        ready() {
            export LIBMOUNT_FORCE_MOUNT2=always NIX_REMOTE=$4
            if [ -n "$2" ]; then
                mount -t overlay overlay -o "$2" "$1" || fuse "$1" "$3" "$5" || return 1
            fi
            if [ -n "$6" ]; then
                mount --rbind "$6" /nix || return 1
            fi
        }
        ready "$@" 2> "$8" || exit 125
        unset LIBMOUNT_FORCE_MOUNT2
        export NIX_CONFIG="$7
        store = $NIX_REMOTE"
        shift 8
        exec "$@"
        """;

    private readonly StoreLocation _mounted;
    private readonly StoreLocation _seen;
    private readonly string? _workDirectory;
    private readonly string? _bound;
    private readonly bool _isUser;
    private readonly IReadOnlyList<string> _command;

    private OverlayRun(OverlayRunRequest request, StoreLocation mounted, StoreLocation seen, string? bound, bool isUser)
    {
        (_mounted, _seen, _bound, _isUser, _command) = (mounted, seen, bound, isUser, request.Command);

        // A mount that is there already is seen in the new namespace as well.
        _workDirectory = OverlayMounter.IsMounted(mounted) ? null : OverlayMounter.Prepare(mounted, request.WorkDirectory, mayBeFuse: true);
    }

    /// <summary>The program to start.</summary>
    public string Program => NamespaceProbe.Program;

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments => ArgumentsFor(_command, Nowhere);

    /// <summary>Gets everything ready that can be outside of the namespace.</summary>
    /// <exception cref="NixStoreException">
    /// OverlayRootUnknown, NixDirectoryMissing, ProgramNotFound, UserNamespaceRefused, and those of <see cref="OverlayMounter.Mount"/>
    /// </exception>
    /// <exception cref="StoreIOException"/>
    public static OverlayRun Prepare(OverlayRunRequest request)
    {
        var isUser = !ProcessStatus.MayMount;
        NamespaceProbe.EnsurePossible(isUser);
        var root = request.Path ?? OverlayForm.RootOf(request.Store);
        if (!request.IsPhysical && OverlayForm.RootOf(request.Store) is not null)
        {
            return new OverlayRun(request, request.Store, request.Store, null, isUser);
        }

        if (root is null)
        {
            // Where it is at /nix already, its description can be read.
            return OverlayDescription.TryRead(request.Store) is not null ? new OverlayRun(request, request.Store, request.Store, null, isUser)
                : throw new NixStoreException("OverlayRootUnknown", StoreErrorKind.InvalidArgument,
                    $"{request.Store.Url} does not say which directory is to be at /nix.", request.Store.Url,
                    "Give -Path, the directory that New-OverlayStore has made it in; its objects bring it along.");
        }

        if (!Directory.Exists("/nix"))
        {
            throw new NixStoreException("NixDirectoryMissing", StoreErrorKind.NotFound, "There is no directory /nix to mount the store on.", "/nix",
                "Make it, as root: mkdir -m 0755 /nix. Or leave out -Physical.");
        }

        return new OverlayRun(request, OverlayForm.Relocated(request.Store, root), OverlayForm.Physical(request.Store), $"{root}/nix", isUser);
    }

    /// <summary>Why the run ended with <see cref="NotReady"/>; null when that was the command's own doing.</summary>
    public NixStoreException? Diagnose() => NamespaceProbe.Explain(ArgumentsFor(["true"], "/dev/stderr"), _mounted, _isUser);

    private List<string> ArgumentsFor(IReadOnlyList<string> command, string errors)
    {
        var (options, fuseOptions) = _workDirectory is null ? ("", "")
            : (OverlayMount.OptionsOf(_mounted, _workDirectory, _isUser || ProcessStatus.IsInUserNamespace ? [OverlayMount.UserAttributes] : []),
                OverlayMount.OptionsOf(_mounted, _workDirectory));
        return
        [
            .. NamespaceProbe.Flags(_isUser), "/bin/sh", "-c", Script, Label, _mounted.RealDirectory, options, fuseOptions,
            _seen.Url, OverlayForm.Unchecked(_seen).Url, _bound ?? "", Configuration(), errors, .. command,
        ];
    }

    /// <summary>What the caller's environment says, and what the store needs besides; a store that it names comes before NIX_REMOTE, so the script adds ours.</summary>
    private string Configuration()
    {
        var lines = new List<string>();
        if (Environment.GetEnvironmentVariable("NIX_CONFIG") is { Length: > 0 } given)
        {
            lines.Add(given);
        }

        lines.Add($"extra-experimental-features = {string.Join(' ', OverlayStoreFactory.FeaturesOf(_seen))}");
        if (_isUser)
        {
            // There is one user only in such a namespace, and none to build as.
            lines.Add("build-users-group =");
        }

        return string.Join('\n', lines);
    }
}
