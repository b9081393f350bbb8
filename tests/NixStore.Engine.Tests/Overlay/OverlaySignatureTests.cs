using NixStore.Engine.Signatures;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Transfer;

namespace NixStore.Engine.Tests.Overlay;

/// <summary>Signing paths of an overlay store: signatures are in rows, and those of the lower store are its own.</summary>
public sealed class OverlaySignatureTests
{
    [SkippableFact]
    public void What_only_the_lower_store_has_registered_is_signed_there()
    {
        using var lab = OverlayLab.OnSmallStore("a");
        var (a, b) = (SmallStore.PathOf("a"), lab.Paths.Add("b"));
        using var key = NixSecretKey.Generate("k-1");
        using (var signer = PathSigner.Open(lab.Location, CancellationToken.None))
        {
            var error = Assert.Throws<NixStoreException>(() => signer.Sign(a, [key], skipContentsCheck: false, CancellationToken.None));

            Assert.Equal("OverlayRowInLower", error.ErrorId);
            Assert.Contains(lab.Paths.Full("a"), error.Message, StringComparison.Ordinal);
            Assert.Contains($"-Store '{lab.Lower.Url}'", error.Remedy, StringComparison.Ordinal);
            Assert.Equal(1, signer.Sign(b, [key], skipContentsCheck: false, CancellationToken.None));
        }

        using var below = PathSigner.Open(lab.Lower, CancellationToken.None);
        Assert.Equal(1, below.Sign(a, [key], skipContentsCheck: false, CancellationToken.None));
    }
}
