using System.Text;
using System.Text.RegularExpressions;
using NixStore.Caches.Narinfo;
using NixStore.Engine.Archive;

namespace NixStore.Caches.BinaryCaches;

/// <summary>
/// The files <c>debuginfo/&lt;build-id&gt;</c>, by which a debugger finds the NAR with the symbols of a program
/// (STORE-SPEC §8; Nix libstore/binary-cache-store.cc, index-debug-info).
/// </summary>
internal static partial class DebugInfoIndex
{
    private const string Folder = "lib/debug/.build-id";

    /// <summary>Names and contents of the files that a path gives rise to.</summary>
    public static IEnumerable<(string Name, byte[] Json)> FilesOf(NarInfo narInfo, NarListing listing)
    {
        if (listing.Find(Encoding.ASCII.GetBytes(Folder)) is not NarListingEntry.Directory folder)
        {
            yield break;
        }

        foreach (var (first, entry) in folder.Entries)
        {
            if (entry is not NarListingEntry.Directory directory || !FirstPart().IsMatch(first.ToString()))
            {
                continue;
            }

            foreach (var (rest, file) in directory.Entries)
            {
                if (file is NarListingEntry.Regular && Rest().IsMatch(rest.ToString()))
                {
                    var buildId = first + rest.ToString()[..^".debug".Length];
                    // All of it is letters, digits and slashes.
                    yield return ($"debuginfo/{buildId}", Encoding.ASCII.GetBytes($$"""{"archive":"../{{narInfo.Url}}","member":"{{Folder}}/{{first}}/{{rest}}"}"""));
                }
            }
        }
    }

    [GeneratedRegex(@"\A[0-9a-f]{2}\z")]
    private static partial Regex FirstPart();

    [GeneratedRegex(@"\A[0-9a-f]{38}\.debug\z")]
    private static partial Regex Rest();
}
