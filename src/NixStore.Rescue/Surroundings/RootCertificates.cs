using System.Runtime.InteropServices;

namespace NixStore.Rescue.Surroundings;

/// <summary>
/// The certificates by which https:// caches are believed. An OpenSSL that is linked in knows only the places of the machine it was made on;
/// so the others are looked at, as Nix does (Nix libstore/filetransfer.cc, globals.cc:getDefaultSSLCertFile).
/// </summary>
internal static partial class RootCertificates
{
    private const string Variable = "SSL_CERT_FILE";

    private static readonly string[] s_places =
    [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem",
        "/nix/var/nix/profiles/default/etc/ssl/certs/ca-bundle.crt",
    ];

    /// <summary>
    /// Names a file to OpenSSL, unless somebody has: NIX_SSL_CERT_FILE, one called ca-bundle.crt beside the executable, or that of the machine.
    /// </summary>
    public static void Choose()
    {
        if (Variables(Variable, "SSL_CERT_DIR").Any())
        {
            return;
        }

        var file = Variables("NIX_SSL_CERT_FILE").Append(Path.Join(AppContext.BaseDirectory, "ca-bundle.crt")).Concat(s_places).FirstOrDefault(File.Exists);
        if (file is not null)
        {
            // OpenSSL reads the environment of the C library; that of .NET is a copy.
            _ = SetEnvironment(Variable, file, 0);
        }
    }

    private static IEnumerable<string> Variables(params string[] names)
        => names.Select(Environment.GetEnvironmentVariable).OfType<string>().Where(value => value.Length > 0);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
