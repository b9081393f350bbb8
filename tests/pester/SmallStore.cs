using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Signatures;
using NixStore.Engine.Stores;

namespace NixStore.Tests
{
    /// <summary>A store that no Nix has made, with paths of one file each. See New-SmallStore in stores.ps1.</summary>
    public sealed class SmallStore
    {
        private readonly StoreLocation _location;

        public SmallStore(string root)
        {
            Root = root;
            Directory.CreateDirectory(root);
            _location = StoreLocator.Locate("local?root=" + root, null);
            StoreCreator.EnsureExists(_location);
        }

        public string Root { get; }

        public string Url => _location.Url;

        /// <summary>The full logical path of a name; the hash part is made of the name.</summary>
        public string PathOf(string name) => _location.Directory.Print(Parse(name));

        public string RealPathOf(string name) => _location.RealPathOf(Parse(name));

        /// <summary>Writes and registers a path that holds its name, the paths of the references, and <paramref name="more"/>.</summary>
        public string Add(string name, string[] references, string more, NixSecretKey key)
        {
            var path = Parse(name);
            var file = _location.RealPathOf(path);
            File.WriteAllText(file, name + "\n" + string.Concat(references.Select(reference => PathOf(reference) + "\n")) + more);
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddSeconds(1));
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            using var directory = Posix.Open(_location.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory, 0);
            using var hasher = new NarHasher(NixHashAlgorithm.Sha256, null);
            var hash = hasher.HashTree(directory, ByteName.From(path.BaseName), null, null, default, null);
            var info = new ValidPathInfo
            {
                Path = path, NarHash = hash.Hash, NarSize = hash.Size, References = references.Select(Parse).OrderBy(other => other).ToList(),
                RegistrationTime = DateTimeOffset.FromUnixTimeSeconds(1700000000),
            };
            if (key != null)
            {
                info = info with { Signatures = new[] { key.Sign(info, _location.Directory) } };
            }

            using var writer = StoreDatabaseWriter.Open(_location, CancellationToken.None, null);
            writer.Register(new[] { new PathRegistration(info) });
            return PathOf(name);
        }

        private static StorePath Parse(string name)
            => StorePath.FromParts(Nix32.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 20)), name);
    }
}
