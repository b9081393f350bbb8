using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Examination;
using NixStore.Caches.Tests.Support;

namespace NixStore.Caches.Tests.Http;

/// <summary>Caches that real Nix filled behind a real web server, which compresses narinfos on the way.</summary>
[Collection(NixLabCollection.Name)]
public sealed class NginxTests(NixLab lab)
{
    [SkippableFact]
    public void WhatNixCopiedIsReadAndExamined()
    {
        RealNix.Require("nix234");
        var place = lab.Place("for-nginx");
        RealNix.Command("nix234", lab, ["copy", "--to", $"file://{place}?compression=zstd&write-nar-listing=true", .. lab.Paths]);
        using var server = Nginx.Serve(place);
        using var source = new BinaryCacheSource(BinaryCacheFactory.Open(server.Url));
        foreach (var path in lab.Paths)
        {
            var narInfo = source.Cache.TryGetNarInfo(lab.StoreDirectory.Parse(path))!;
            Assert.Equal(lab.Dump(path), Samples.ReadAll(source.OpenNar(source.Find(narInfo.Path, default)!, default)));
            Assert.Equal(new FileInfo(Path.Combine(place, narInfo.Url)).Length, source.Cache.TryGetSize(narInfo.Url));
        }

        Assert.Null(source.Cache.TryGetSize("nar/nothing"));
        var findings = new List<BinaryCacheFinding>();
        var hashParts = lab.Paths.Select(path => lab.StoreDirectory.Parse(path).HashPart).ToList();
        BinaryCacheExaminer.ExamineClosure(source.Cache, hashParts, new BinaryCacheExaminationOptions { CheckContents = true }, findings.Add, new(), default);
        Assert.Empty(findings);
        File.Delete(Path.Combine(place, source.Cache.TryGetNarInfo(hashParts[0])!.Url));
        BinaryCacheExaminer.ExamineClosure(source.Cache, hashParts, new BinaryCacheExaminationOptions(), findings.Add, new(), default);
        Assert.Equal(BinaryCacheFindingKind.NarMissing, Assert.Single(findings).Kind);
    }
}
