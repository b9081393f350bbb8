using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Examination;
using NixStore.Caches.Tests.Support;
using NixStore.Engine.Signatures;

namespace NixStore.Caches.Tests.Examination;

/// <summary>Caches that real Nix filled with everything it can write, whole and damaged in every way.</summary>
[Collection(NixLabCollection.Name)]
public sealed class BinaryCacheExaminerTests(NixLab lab, S3Server server) : IDisposable
{
    private static readonly Lock s_lock = new();
    private static string? s_whole;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string Cache => _directory / "cache";

    [SkippableFact]
    public void AWholeCacheHasNothingToReport()
    {
        Fill();
        Assert.Contains("realisations", string.Join('\n', Files("*.doi")));
        Assert.Single(Files("abcdef0123456789abcdef0123456789abcdef01"));
        Assert.NotEmpty(Files("*.ls"));
        Assert.Empty(Examine(new BinaryCacheExaminationOptions { CheckContents = true, RequiredKeys = TrustedKeys.Parse([lab.PublicKey]), UploadTime = TimeSpan.Zero }));
    }

    public static TheoryData<string, BinaryCacheFindingKind, StoreFindingSeverity> Damages => new()
    {
        { "nar-gone", BinaryCacheFindingKind.NarMissing, StoreFindingSeverity.Error },
        { "nar-cut", BinaryCacheFindingKind.NarSizeMismatch, StoreFindingSeverity.Error },
        { "nar-changed", BinaryCacheFindingKind.NarDamaged, StoreFindingSeverity.Error },
        { "nar-hash", BinaryCacheFindingKind.NarDamaged, StoreFindingSeverity.Error },
        { "nar-extra", BinaryCacheFindingKind.NarUnreferenced, StoreFindingSeverity.Warning },
        { "nar-url-up", BinaryCacheFindingKind.NarInfoCorrupt, StoreFindingSeverity.Error },
        { "nar-elsewhere", BinaryCacheFindingKind.NarElsewhere, StoreFindingSeverity.Information },
        { "compression", BinaryCacheFindingKind.NarNotChecked, StoreFindingSeverity.Warning },
        { "narinfo-empty", BinaryCacheFindingKind.NarInfoCorrupt, StoreFindingSeverity.Error },
        { "narinfo-cut", BinaryCacheFindingKind.NarInfoCorrupt, StoreFindingSeverity.Error },
        { "narinfo-swapped", BinaryCacheFindingKind.NarInfoMismatch, StoreFindingSeverity.Error },
        { "store-directory", BinaryCacheFindingKind.ForeignStoreDirectory, StoreFindingSeverity.Error },
        { "reference", BinaryCacheFindingKind.ReferenceMissing, StoreFindingSeverity.Error },
        { "signature", BinaryCacheFindingKind.SignatureInvalid, StoreFindingSeverity.Error },
        { "signature-text", BinaryCacheFindingKind.SignatureMalformed, StoreFindingSeverity.Warning },
        { "unsigned", BinaryCacheFindingKind.SignatureMissing, StoreFindingSeverity.Warning },
        { "content-address", BinaryCacheFindingKind.ContentAddressMismatch, StoreFindingSeverity.Error },
        { "listing-extra", BinaryCacheFindingKind.ListingUnreferenced, StoreFindingSeverity.Warning },
        { "listing", BinaryCacheFindingKind.ListingDamaged, StoreFindingSeverity.Warning },
        { "log", BinaryCacheFindingKind.LogUnreferenced, StoreFindingSeverity.Information },
        { "debug-info", BinaryCacheFindingKind.DebugInfoDangling, StoreFindingSeverity.Warning },
        { "debug-info-text", BinaryCacheFindingKind.DebugInfoDangling, StoreFindingSeverity.Warning },
        { "realisation", BinaryCacheFindingKind.RealisationDangling, StoreFindingSeverity.Warning },
        { "build-trace", BinaryCacheFindingKind.BuildTraceDangling, StoreFindingSeverity.Warning },
        { "temporary", BinaryCacheFindingKind.TemporaryFile, StoreFindingSeverity.Warning },
        { "unknown", BinaryCacheFindingKind.UnknownFile, StoreFindingSeverity.Information },
    };

    [SkippableTheory]
    [MemberData(nameof(Damages))]
    public void EachDamageIsFound(string damage, BinaryCacheFindingKind kind, StoreFindingSeverity severity)
    {
        Fill();
        Damage(damage);
        var findings = Examine(new BinaryCacheExaminationOptions { CheckContents = true, RequiredKeys = TrustedKeys.Parse([lab.PublicKey]), UploadTime = TimeSpan.Zero });
        var finding = findings.FirstOrDefault(finding => finding.Kind == kind);
        Assert.True(finding is not null, string.Join('\n', findings));
        Assert.Equal(severity, finding.Severity);
        Assert.NotEmpty(finding.Detail);
        Assert.True(severity == StoreFindingSeverity.Information || finding.Remedy is not null);
    }

    [SkippableFact]
    public void WhatIsNewMayBelongToAnUpload()
    {
        Fill();
        Damage("nar-extra");
        Damage("temporary");
        var findings = Examine(new BinaryCacheExaminationOptions());
        Assert.Equal([BinaryCacheFindingKind.NarUnreferenced, BinaryCacheFindingKind.TemporaryFile], findings.Select(finding => finding.Kind).Order());
        Assert.All(findings, finding => Assert.Equal((StoreFindingSeverity.Information, (long?)3), (finding.Severity, finding.Size)));
    }

    [SkippableFact]
    public void WithoutReadingContentsNothingOfThemIsKnown()
    {
        Fill();
        Damage("nar-changed");
        Damage("listing");
        Assert.Empty(Examine(new BinaryCacheExaminationOptions { UploadTime = TimeSpan.Zero }));
    }

    [SkippableFact]
    public void AClosureIsExaminedWithoutAListing()
    {
        Fill();
        var top = lab.StoreDirectory.Parse(lab.Paths.First(path => path.EndsWith("-top")));
        using var web = new TinyServer(request => File.Exists(Cache + request.Path) ? TinyAnswer.Ok(File.ReadAllBytes(Cache + request.Path)) : TinyAnswer.Of(404));
        Assert.Empty(Examine(web.Url, [top.HashPart]));
        using (var cache = BinaryCacheFactory.Open(web.Url))
        {
            Assert.Equal("BinaryCacheNotListable", Assert.Throws<NixStoreException>(
                () => BinaryCacheExaminer.ExamineAll(cache, new(), _ => { }, new(), default)).ErrorId);
        }

        File.Delete(NarInfo("leaf"));
        Assert.Equal([BinaryCacheFindingKind.ReferenceMissing], Examine(web.Url, [top.HashPart]).Select(finding => finding.Kind));
        Assert.Equal([BinaryCacheFindingKind.PathMissing], Examine(web.Url, [new string('0', 32)]).Select(finding => finding.Kind));
    }

    [SkippableFact]
    public void ABucketIsExaminedAlike()
    {
        RealNix.Require("nix234");
        server.Require();
        var bucket = server.NewBucket("s3:GetObject", "s3:PutObject", "s3:ListBucket");
        RichCache.Make(lab, server.Url(bucket), "&");
        using var cache = server.Open(server.Url(bucket));
        Assert.Empty(Examine(cache, new BinaryCacheExaminationOptions { CheckContents = true, RequiredKeys = TrustedKeys.Parse([lab.PublicKey]), UploadTime = TimeSpan.Zero }));
        var nar = cache.TryGetNarInfo(lab.StoreDirectory.Parse(lab.Paths[^1]))!.Url;
        server.Delete(bucket, nar);
        server.Put(bucket, "nar/extra.nar", [1, 2, 3]);
        var findings = Examine(cache, new BinaryCacheExaminationOptions { UploadTime = TimeSpan.Zero });
        Assert.Equal([(BinaryCacheFindingKind.NarMissing, nar), (BinaryCacheFindingKind.NarUnreferenced, "nar/extra.nar")],
            findings.OrderBy(finding => finding.Kind).Select(finding => (finding.Kind, finding.File)));
    }

    private void Damage(string damage)
    {
        var narInfo = NarInfo("leaf");
        var text = File.ReadAllText(narInfo);
        var nar = Path.Combine(Cache, Line(text, "URL"));
        var other = NarInfo("self");
        switch (damage)
        {
            case "nar-gone":
                File.Delete(nar);
                break;
            case "nar-cut":
                File.WriteAllBytes(nar, File.ReadAllBytes(nar)[..^1]);
                break;
            case "nar-changed":
                var bytes = File.ReadAllBytes(nar);
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(nar, bytes);
                break;
            case "nar-hash":
                Replace("NarHash", "sha256:" + new string('0', 52));
                break;
            case "nar-extra":
                File.WriteAllText($"{Cache}/nar/extra.nar", "abc");
                break;
            case "nar-url-up":
                Replace("URL", "../../etc/passwd");
                break;
            case "nar-elsewhere":
                Replace("URL", "http://127.0.0.1:1/x.nar");
                break;
            case "compression":
                Replace("Compression", "lzip");
                break;
            case "narinfo-empty":
                File.WriteAllText(narInfo, "");
                break;
            case "narinfo-cut":
                File.WriteAllText(narInfo, text[..^5]);
                break;
            case "narinfo-swapped":
                File.Copy(other, narInfo, overwrite: true);
                break;
            case "store-directory":
                Replace("StorePath", "/gnu/store/" + Path.GetFileName(Line(text, "StorePath")));
                break;
            case "reference":
                File.Delete(narInfo);
                break;
            case "signature":
                Replace("NarSize", "12345");
                break;
            case "signature-text":
                File.AppendAllText(narInfo, "Sig: nonsense\n");
                break;
            case "unsigned":
                File.WriteAllText(narInfo, string.Concat(text.Split('\n').Where(line => line.Length > 0 && !line.StartsWith("Sig:")).Select(line => line + "\n")));
                break;
            case "content-address":
                File.AppendAllText(narInfo, "CA: fixed:r:sha256:" + new string('0', 52) + "\n");
                break;
            case "listing-extra":
                File.WriteAllText($"{Cache}/{new string('0', 32)}.ls", "{}");
                break;
            case "listing":
                File.Copy(Path.ChangeExtension(NarInfo("big"), "ls"), Path.ChangeExtension(narInfo, "ls"), overwrite: true);
                break;
            case "log":
                File.WriteAllText($"{Cache}/log/{new string('0', 32)}-x.drv", "made");
                break;
            case "debug-info":
                File.WriteAllText($"{Cache}/debuginfo/{new string('0', 40)}", """{"archive":"../nar/gone.nar","member":"lib/debug/.build-id/00/0.debug"}""");
                break;
            case "debug-info-text":
                File.WriteAllText($"{Cache}/debuginfo/{new string('0', 40)}", "[1,");
                break;
            case "realisation":
                File.WriteAllText($"{Cache}/realisations/sha256:{new string('0', 64)}!out.doi", $$"""{"id":"sha256:0!out","outPath":"{{new string('0', 32)}}-x","signatures":[]}""");
                break;
            case "build-trace":
                Directory.CreateDirectory($"{Cache}/build-trace-v2/{new string('0', 32)}-x.drv");
                File.WriteAllText($"{Cache}/build-trace-v2/{new string('0', 32)}-x.drv/out.doi", "{\"key\":{},\"value\":{\"outPath\":\"" + new string('0', 32) + "-x\"}}");
                break;
            case "temporary":
                File.WriteAllText($"{Cache}/nar/x.nar.tmp.12.3", "abc");
                break;
            case "unknown":
                File.WriteAllText($"{Cache}/index.html", "<html>");
                break;
            default:
                throw new ArgumentException(damage);
        }

        void Replace(string field, string value) => File.WriteAllText(narInfo, text.Replace($"{field}: {Line(text, field)}\n", $"{field}: {value}\n"));
    }

    private static string Line(string text, string field) => text.Split('\n').First(line => line.StartsWith(field + ": "))[(field.Length + 2)..];

    private string NarInfo(string name) => $"{Cache}/{lab.StoreDirectory.Parse(lab.Paths.First(path => path.EndsWith("-" + name))).HashPart}.narinfo";

    private string[] Files(string pattern) => Directory.GetFiles(Cache, pattern, SearchOption.AllDirectories);

    private void Fill()
    {
        RealNix.Require("nix234");
        lock (s_lock)
        {
            if (s_whole is null)
            {
                var place = lab.Place("rich");
                RichCache.Make(lab, $"file://{place}");
                s_whole = place;
            }
        }

        Program.Run("cp", ["-r", s_whole, Cache]);
    }

    private List<BinaryCacheFinding> Examine(BinaryCacheExaminationOptions options)
    {
        using var cache = BinaryCacheFactory.Open($"file://{Cache}");
        return Examine(cache, options);
    }

    private static List<BinaryCacheFinding> Examine(BinaryCache cache, BinaryCacheExaminationOptions options)
    {
        var findings = new List<BinaryCacheFinding>();
        BinaryCacheExaminer.ExamineAll(cache, options, findings.Add, new BinaryCacheExaminationProgress(), default);
        return findings;
    }

    private List<BinaryCacheFinding> Examine(string url, string[] hashParts)
    {
        using var cache = BinaryCacheFactory.Open(url);
        var findings = new List<BinaryCacheFinding>();
        BinaryCacheExaminer.ExamineClosure(
            cache, hashParts, new BinaryCacheExaminationOptions { CheckContents = true, RequiredKeys = TrustedKeys.Parse([lab.PublicKey]) }, findings.Add, new(), default);
        return findings;
    }
}
