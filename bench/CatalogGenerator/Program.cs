using System.Diagnostics;
using System.Text.Json;
using NixStore.Bench.Catalogs;

if (args is not [var directory, ..])
{
    Console.Error.WriteLine("usage: CatalogGenerator DIRECTORY [--count N] [--seed N] [--rebuild N] [--part N] [--signatures] [--objects] [--inventory DIRECTORY]");
    return 2;
}

var watch = Stopwatch.StartNew();
var generator = new CatalogGenerator(new SyntheticCache(GeneratorOptions.Parse(args.AsSpan(1))));
generator.Write(Path.GetFullPath(directory));
Console.Error.WriteLine($"{generator.Answers.Paths:N0} narinfos, {generator.Answers.References:N0} references in {watch.Elapsed.TotalSeconds:0.0} s");
var answers = JsonSerializer.Serialize(generator.Answers);
File.WriteAllText(Path.Combine(directory, "answers.json"), answers);
Console.WriteLine(answers);
return 0;
