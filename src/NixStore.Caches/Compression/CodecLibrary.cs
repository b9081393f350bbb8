using System.Reflection;
using System.Runtime.InteropServices;

namespace NixStore.Caches.Compression;

/// <summary>A native library that a codec stands on: the names it may have, and the package that brings it.</summary>
internal sealed class CodecLibrary
{
    // The plain name comes first: that is how a library bundled under runtimes/ is found. Distributions have it only in -dev packages.
    public static readonly CodecLibrary Lzma = new("liblzma5", LibLzma.Library, "liblzma.so.5", "liblzma.5.dylib");
    public static readonly CodecLibrary Zstd = new("libzstd1", LibZstd.Library, "libzstd.so.1", "libzstd.1.dylib");
    public static readonly CodecLibrary Bzip2 = new("libbz2-1.0", LibBzip2.Library, "libbz2.so.1.0", "libbz2.so.1", "libbz2.1.0.dylib");

    // In an executable that is linked statically, all of them are a part of it: there is nothing to load.
    private static readonly bool s_areLinked = AppContext.TryGetSwitch("NixStore.LinkedLibraries", out var linked) && linked;

    private readonly string _package;
    private readonly string[] _candidates;
    private readonly Lazy<nint> _handle;

    // Every codec asks for its library here before it calls into it, so this runs in time.
    static CodecLibrary() => NativeLibrary.SetDllImportResolver(typeof(CodecLibrary).Assembly, Resolve);

    public CodecLibrary(string package, params string[] candidates)
    {
        _package = package;
        _candidates = candidates;
        _handle = new Lazy<nint>(Load);
    }

    public bool IsAvailable => s_areLinked || _handle.Value != 0;

    /// <exception cref="CodecException">CodecNotAvailable</exception>
    public void Require(NarCompression compression, string target)
    {
        if (!IsAvailable)
        {
            throw CodecException.NotAvailable(compression, target, _candidates[1], _package);
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search) => name switch
    {
        LibLzma.Library => Lzma._handle.Value,
        LibZstd.Library => Zstd._handle.Value,
        LibBzip2.Library => Bzip2._handle.Value,
        _ => 0,
    };

    private nint Load()
    {
        foreach (var candidate in _candidates)
        {
            if (NativeLibrary.TryLoad(candidate, typeof(CodecLibrary).Assembly, null, out var handle))
            {
                return handle;
            }
        }

        return 0;
    }
}
