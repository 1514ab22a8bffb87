using Rollbook.Sbom;

// The bill of materials of a directory that deploy/package.sh made: rollbook.cdx.json in it.
if (args.Length != 2 || !Directory.Exists(args[0]))
{
    Console.Error.WriteLine("Usage: Rollbook.Sbom DIRECTORY VERSION");
    return 2;
}

try
{
    var release = Release.Read(args[0], ["Rollbook.Silo", "rollbook"]);
    File.WriteAllText(Path.Combine(args[0], Bom.FileName), Bom.Of(release, args[1], PackageCache.OfThisMachine()));
    return 0;
}
catch (InvalidDataException wrong)
{
    Console.Error.WriteLine($"sbom: {wrong.Message}");
    return 1;
}
