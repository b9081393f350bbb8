using System.Security.Cryptography;
using NixStore.Engine.Signatures;
using NixStore.Engine.Tests.Support;
using NixStore.Engine.Transfer;

namespace NixStore.Engine.Tests.Transfer;

public sealed class NarImportTests : IDisposable
{
    private readonly TransferStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Without_metadata_it_becomes_the_path_that_adding_the_files_gives()
    {
        WeirdTree.Make(_store.Work, "in/weird");

        var added = _store.Import(importer => importer.Add(new MemoryStream(_store.Nar(_store.In("weird"))), "weird", default));

        Assert.Equal(_store.Add(new FileImport(_store.In("weird"))), added with { WasValid = true });
        Assert.True(_store.IsIntact(added.Path));
    }

    [Theory]
    [InlineData("NarTruncated")]
    [InlineData("NarTrailingData")]
    [InlineData("NarBadMagic")]
    [InlineData("NarInvalidName")]
    public void What_is_no_archive_leaves_nothing(string errorId)
    {
        var nar = NarText.Archive(NarText.Folder((errorId == "NarInvalidName" ? ".." : "a", NarText.File("a"))));
        byte[] bad = errorId switch
        {
            "NarTruncated" => nar[..^20],
            "NarTrailingData" => [.. nar, 0],
            "NarBadMagic" => [1, .. nar],
            _ => nar,
        };

        var error = Assert.ThrowsAny<NixStoreException>(() => _store.Import(importer => importer.Add(new MemoryStream(bad), "x", default)));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Empty(_store.Entries());
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Contents_that_were_not_promised_are_refused(bool otherHash, bool otherSize)
    {
        var (info, nar) = Promise();
        info = info with
        {
            NarHash = otherHash ? new NixHash(NixHashAlgorithm.Sha256, new byte[32]) : info.NarHash,
            NarSize = otherSize ? info.NarSize + 8 : info.NarSize,
        };

        var error = Assert.Throws<NixStoreException>(() => Add(info, nar, ImportTrust.Everything));

        Assert.Equal("NarHashMismatch", error.ErrorId);
        Assert.Empty(_store.Entries());
        Assert.Null(_store.Row(info.Path));
    }

    [Fact]
    public void An_unknown_size_is_no_promise()
    {
        var (info, nar) = Promise();

        Add(info with { NarSize = 0 }, nar, ImportTrust.Everything);

        Assert.Equal(nar.Length, _store.Row(info.Path)!.NarSize);
    }

    [Fact]
    public void Nobody_vouches_for_an_unsigned_path_not_even_the_source_itself()
    {
        var (info, nar) = Promise();

        var error = Assert.Throws<NixStoreException>(() => Add(info with { Ultimate = true }, nar, new ImportTrust(TrustedKeys.None)));

        Assert.Equal("UntrustedPath", error.ErrorId);
        Assert.Equal(StoreErrorKind.Security, error.Kind);
        Assert.Empty(_store.Entries());
    }

    [Fact]
    public void A_trusted_signature_is_enough_and_another_is_not()
    {
        using var trusted = NixSecretKey.Generate("trusted-1");
        using var other = NixSecretKey.Generate("other-1");
        var trust = new ImportTrust(new TrustedKeys([trusted.PublicKey]));
        var (info, nar) = Promise();
        var signedByOther = info with { Signatures = [other.Sign(info, _store.Directory)] };
        var signed = info with { Signatures = [.. signedByOther.Signatures, trusted.Sign(info, _store.Directory)] };

        var error = Assert.Throws<NixStoreException>(() => Add(signedByOther, nar, trust));
        Add(signed, nar, trust);

        Assert.Equal("UntrustedPath", error.ErrorId);
        Assert.Contains("other-1", error.Message, StringComparison.Ordinal);
        Assert.Equal(string.Join(' ', signed.Signatures), _store.Row(info.Path)!.Signatures);
    }

    [Fact]
    public void A_signature_over_other_metadata_is_none()
    {
        using var key = NixSecretKey.Generate("trusted-1");
        var (info, nar) = Promise();
        var forged = info with { Signatures = [key.Sign(info with { NarSize = 8 }, _store.Directory)] };

        var error = Assert.Throws<NixStoreException>(() => Add(forged, nar, new ImportTrust(new TrustedKeys([key.PublicKey]))));

        Assert.Equal("UntrustedPath", error.ErrorId);
    }

    [Fact]
    public void Content_addresses_need_no_signature()
    {
        var (info, nar) = PromiseAddressed("addressed");

        Add(info, nar, new ImportTrust(TrustedKeys.None));

        Assert.Equal(info.ContentAddress!.ToString(), _store.Row(info.Path)!.ContentAddress);
        Assert.True(_store.IsIntact(info.Path));
    }

    [Fact]
    public void A_content_address_that_gives_another_path_proves_nothing()
    {
        var (info, nar) = PromiseAddressed("addressed");

        var error = Assert.Throws<NixStoreException>(() => Add(info with { Path = MemorySource.PathOf("other") }, nar, new ImportTrust(TrustedKeys.None)));

        Assert.Equal("UntrustedPath", error.ErrorId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_content_address_that_lies_is_refused_whoever_vouches_for_it(bool otherContents)
    {
        // The path is the one of the address; the contents, whose NAR hash is told truly, are others. Or the address fits no path.
        var (info, nar) = PromiseAddressed("addressed");
        var other = NarText.Archive(NarText.File("other"));
        var lie = otherContents
            ? info with { NarHash = HashOf(other), NarSize = other.Length }
            : info with { Path = MemorySource.PathOf("x") };

        var error = Assert.Throws<NixStoreException>(() => Add(lie, otherContents ? other : nar, ImportTrust.Everything));

        Assert.Equal("ContentAddressMismatch", error.ErrorId);
        Assert.Empty(_store.Entries());
    }

    [Fact]
    public void A_directory_cannot_have_a_flat_address()
    {
        var flat = new ContentAddress(ContentAddressMethod.Flat, HashOf([1]));
        var nar = NarText.Archive(NarText.Folder());
        var info = new ValidPathInfo
        {
            Path = new StorePathFactory(_store.Directory).FromContentAddress(flat, "x", [], false),
            NarHash = HashOf(nar),
            NarSize = nar.Length,
            ContentAddress = flat,
        };

        Assert.Equal("ContentAddressMismatch", Assert.Throws<NixStoreException>(() => Add(info, nar, ImportTrust.Everything)).ErrorId);
    }

    [Fact]
    public void References_must_be_valid_before_anything_is_fetched()
    {
        var (info, _) = Promise();
        var reference = MemorySource.PathOf("absent");

        var error = Assert.Throws<NixStoreException>(() => _store.Import(importer => importer.Add(
            info with { References = [reference] }, () => throw new InvalidOperationException("fetched"), ImportTrust.Everything, "test", null, default)));

        Assert.Equal("ReferenceNotValid", error.ErrorId);
        Assert.Contains("absent", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_may_refer_to_itself()
    {
        var (info, nar) = Promise();

        Add(info with { References = [info.Path] }, nar, ImportTrust.Everything);

        Assert.Equal([_store.Directory.Print(info.Path)], _store.Row(info.Path)!.References);
    }

    [Fact]
    public void Nothing_of_the_source_says_that_it_was_built_or_registered_here()
    {
        var (info, nar) = Promise();

        Add(info with { Ultimate = true, RegistrationTime = DateTimeOffset.UnixEpoch }, nar, ImportTrust.Everything);

        var row = _store.Row(info.Path)!;
        Assert.Null(row.Ultimate);
        Assert.InRange(row.RegistrationTime!.Value, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
    }

    [Fact]
    public void A_valid_path_is_neither_fetched_nor_checked_again()
    {
        var (info, nar) = Promise();
        Add(info, nar, ImportTrust.Everything);

        var again = _store.Import(importer => importer.Add(
            info, () => throw new InvalidOperationException("fetched"), new ImportTrust(TrustedKeys.None), "test", null, default));

        Assert.True(again.WasValid);
    }

    private ImportedPath Add(ValidPathInfo info, byte[] nar, ImportTrust trust)
        => _store.Import(importer => importer.Add(info, () => new MemoryStream(nar), trust, "test", null, default));

    private static NixHash HashOf(byte[] bytes) => new(NixHashAlgorithm.Sha256, SHA256.HashData(bytes));

    private static (ValidPathInfo Info, byte[] Nar) Promise()
    {
        var nar = NarText.Archive(NarText.File("promised"));
        return (new ValidPathInfo { Path = MemorySource.PathOf("promised"), NarHash = HashOf(nar), NarSize = nar.Length }, nar);
    }

    private (ValidPathInfo Info, byte[] Nar) PromiseAddressed(string name)
    {
        var (info, nar) = Promise();
        var address = new ContentAddress(ContentAddressMethod.Nar, info.NarHash);
        return (info with { Path = new StorePathFactory(_store.Directory).FromContentAddress(address, name, [], false), ContentAddress = address }, nar);
    }
}
