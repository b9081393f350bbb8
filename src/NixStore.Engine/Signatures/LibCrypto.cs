using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace NixStore.Engine.Signatures;

/// <summary>The few functions of OpenSSL's libcrypto that Ed25519 needs (EVP_PKEY, EVP_DigestSign; OpenSSL 1.1.1 and later).</summary>
internal static unsafe partial class LibCrypto
{
    /// <summary>OpenSSL's NID_ED25519, the type of raw keys.</summary>
    public const int Ed25519Type = 1087;

    private const string Library = "libcrypto.so.3";

    static LibCrypto()
    {
        // An event, not SetDllImportResolver: an assembly can have only one of those, and this room is not alone in it.
        var context = AssemblyLoadContext.GetLoadContext(typeof(LibCrypto).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += OtherNames;
    }

    [LibraryImport(Library)]
    public static partial nint EVP_PKEY_new_raw_public_key(int type, nint engine, byte* key, nuint length);

    [LibraryImport(Library)]
    public static partial nint EVP_PKEY_new_raw_private_key(int type, nint engine, byte* key, nuint length);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_get_raw_public_key(KeyHandle key, byte* bytes, nuint* length);

    [LibraryImport(Library)]
    public static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    public static partial nint EVP_MD_CTX_new();

    [LibraryImport(Library)]
    public static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    public static partial int EVP_DigestSignInit(DigestHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Library)]
    public static partial int EVP_DigestSign(DigestHandle context, byte* signature, nuint* signatureLength, byte* message, nuint length);

    [LibraryImport(Library)]
    public static partial int EVP_DigestVerifyInit(DigestHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Library)]
    public static partial int EVP_DigestVerify(DigestHandle context, byte* signature, nuint signatureLength, byte* message, nuint length);

    [LibraryImport(Library)]
    public static partial void ERR_clear_error();

    private static nint OtherNames(Assembly assembly, string name)
        => name == Library && NativeLibrary.TryLoad("libcrypto.so", out var handle) ? handle : 0;

    /// <summary>An EVP_PKEY. OpenSSL lets several threads use one at once.</summary>
    internal sealed class KeyHandle : SafeHandle
    {
        public KeyHandle(nint key)
            : base(0, ownsHandle: true) => SetHandle(key);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    /// <summary>An EVP_MD_CTX: one per operation.</summary>
    internal sealed class DigestHandle : SafeHandle
    {
        public DigestHandle()
            : base(0, ownsHandle: true) => SetHandle(EVP_MD_CTX_new());

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }
}
